export interface Lock {
  readonly file: string;
  readonly adopt: (programs: readonly number[]) => void;
  readonly release: () => void;
}

export declare function takeLock(
  file: string,
  progress: { readonly say: (text: string) => void },
): Promise<Lock>;
