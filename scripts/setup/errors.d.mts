export declare class SetupError extends Error {
  readonly code: string;
}
