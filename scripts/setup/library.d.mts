export declare function hasLibrary(): boolean;
export declare function provideLibrary(
  options: { readonly wheel?: string },
  progress: import('./progress.mjs').Progress,
): Promise<void>;
export declare function removeStaging(): void;
