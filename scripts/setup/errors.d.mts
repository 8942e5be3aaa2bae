export declare class SetupError extends Error {
  readonly code: string;
}

export declare function otherCacheCommand(): string;
