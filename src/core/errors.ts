import { escapeText as escapeUnsafe } from '../../setup/escape.mjs';

/** Exit code of every error word. Codes are never re-used for another meaning. */
export const exitCodes = {
  E_INTERNAL: 1,
  E_USAGE: 2,
  E_CONFIG: 2,
  E_RESUME_MISMATCH: 2,
  E_IDX_FORMAT: 65,
  E_NPZ_FORMAT: 65,
  E_DATA_KIND: 65,
  E_GZIP: 65,
  E_CHECKSUM: 65,
  E_IMAGE_FORMAT: 65,
  E_IMAGE_TOO_LARGE: 65,
  E_MODEL_FORMAT: 65,
  E_MODEL_VERSION: 65,
  E_MODEL_PATH: 65,
  E_NO_INPUT: 66,
  E_NO_CHECKPOINT: 66,
  E_NETWORK: 69,
  E_NATIVE: 69,
  E_OS: 71,
  E_EXISTS: 73,
  E_NOT_WRITABLE: 73,
  E_DISK_FULL: 74,
  E_IO: 74,
  E_LOCKED: 75,
  E_DIVERGED: 80,
  E_BELOW_BAR: 81,
} as const;

export type ErrorCode = keyof typeof exitCodes;

/** What an error says besides its first line; every part is optional, and `command` is printed last. */
export interface ErrorDetails {
  /** The file, folder or address concerned. */
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** The likely cause, or what to do, in one sentence. */
  readonly hint?: string;
  /** The one command that helps. */
  readonly command?: string;
  /** Where it is the same call again: the flags that are different in it, by option key; `undefined` leaves one out. */
  readonly retryWith?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly cause?: unknown;
}

/** An expected failure: the message is a first line that stands alone, with expected and actual values in it. */
export class TrainerError extends Error {
  readonly code: ErrorCode;
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly hint?: string;
  readonly command?: string;
  readonly retryWith?: NonNullable<ErrorDetails['retryWith']>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TrainerError';
    this.code = code;
    if (details.path !== undefined) this.path = details.path;
    if (details.expected !== undefined) this.expected = details.expected;
    if (details.actual !== undefined) this.actual = details.actual;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.command !== undefined) this.command = details.command;
    if (details.retryWith !== undefined) this.retryWith = details.retryWith;
  }
}

/** The system's error word (`ENOSPC`) of a failed call, or `undefined` where it is not such an error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

const errnoWords: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EMFILE: 'too many open files in this process',
  ENFILE: 'too many open files in this system',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already',
  ELOOP: 'too many symbolic links, probably a loop',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the file-size limit is reached',
  ENOMEM: 'not enough memory',
  ENOTEMPTY: 'the folder is not empty',
  EXDEV: 'the paths are on different file systems',
  EBUSY: 'it is in use',
};

/** An errno in words and in brackets: "the disk is full (ENOSPC)"; other errors give their message. */
export function formatErrno(error: unknown): string {
  const errno = errnoOf(error);
  if (errno !== undefined) return `${errnoWords[errno] ?? 'the system refused'} (${errno})`;
  return error instanceof Error ? error.message : String(error);
}

/** `escapeText` of setup for 200 characters at most, with one parameter, so that `map` can call it. */
export function escapeText(text: string): string {
  return escapeUnsafe(text, 200);
}
