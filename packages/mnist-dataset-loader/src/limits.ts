/** How long and how often a download tries. */
export interface DownloadLimits {
  /** To open a connection. */
  readonly connectMs: number;
  /** Without a byte arriving. */
  readonly idleMs: number;
  /** For one attempt at one file. */
  readonly attemptMs: number;
  /** For all files together. */
  readonly totalMs: number;
  /** At one mirror, for failures that may pass. */
  readonly attempts: number;
  /** Before the second attempt; doubled before each later one, then shortened at random by up to a half. */
  readonly backOffMs: number;
  /** The longest `Retry-After` that is waited for. */
  readonly retryAfterMs: number;
  /** Slower than this over a whole `floorWindowMs` is as good as stalled. */
  readonly floorBytesPerSecond: number;
  readonly floorWindowMs: number;
  /** Redirects followed in one attempt. */
  readonly hops: number;
}

export const defaultLimits: DownloadLimits = {
  connectMs: 10_000,
  idleMs: 30_000,
  attemptMs: 900_000,
  totalMs: 3_600_000,
  attempts: 3,
  backOffMs: 500,
  retryAfterMs: 60_000,
  floorBytesPerSecond: 1024,
  floorWindowMs: 30_000,
  hops: 5,
};
