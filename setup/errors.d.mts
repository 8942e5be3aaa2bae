export declare class SetupError extends Error {
  readonly code: string;
  /** The one command that helps. */
  readonly command?: string;
}

export declare function otherCacheCommand(): string;
