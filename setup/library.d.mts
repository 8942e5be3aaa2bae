/** Wheels downloaded elsewhere, in place of those that would be downloaded. */
export interface WheelFiles {
  readonly library?: string;
  readonly compiler?: string;
}

export declare function hasLibrary(): boolean;
export declare function provideLibrary(
  options: { readonly wheels?: WheelFiles },
  progress: import('./progress.mjs').Progress,
): Promise<void>;
