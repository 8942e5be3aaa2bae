export interface Progress {
  readonly say: (text: string) => void;
}

export declare function createProgress(options: {
  readonly stream: NodeJS.WriteStream;
  readonly quiet: boolean;
}): Progress;
