/** What a download reports while it works. Mirrors are named without their credentials, files without their folder. */
export type DownloadEvent =
  | { readonly type: 'present'; readonly file: string }
  | { readonly type: 'damaged'; readonly file: string; readonly reason: string; readonly keptAs: string }
  | DownloadRequestEvent
  | DownloadProgressEvent
  | DownloadFailureEvent
  | { readonly type: 'done'; readonly file: string; readonly mirror: string; readonly sizeBytes: number };

/** An attempt begins. */
export interface DownloadRequestEvent {
  readonly type: 'request';
  readonly file: string;
  readonly mirror: string;
  /** From 1 to `attempts`. */
  readonly attempt: number;
  readonly attempts: number;
}

/** Bytes came. */
export interface DownloadProgressEvent {
  readonly type: 'progress';
  readonly file: string;
  readonly mirror: string;
  readonly receivedBytes: number;
  /** As the mirror says, if it does. */
  readonly totalBytes: number | undefined;
}

/** An attempt failed. */
export interface DownloadFailureEvent {
  readonly type: 'failure';
  readonly file: string;
  readonly mirror: string;
  readonly attempt: number;
  readonly attempts: number;
  readonly reason: string;
  /** What is done about it; `retry` after `waitMs`. */
  readonly next: 'retry' | 'next-mirror' | 'give-up';
  readonly waitMs: number;
}
