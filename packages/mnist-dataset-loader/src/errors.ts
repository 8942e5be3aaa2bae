export type DatasetErrorCode =
  | 'E_NO_INPUT'
  | 'E_IDX_FORMAT'
  | 'E_NPZ_FORMAT'
  | 'E_GZIP'
  | 'E_CHECKSUM'
  | 'E_NETWORK'
  | 'E_NOT_WRITABLE'
  | 'E_DISK_FULL'
  | 'E_IO'
  | 'E_USAGE';

/** What an error tells besides its first line; every part is optional. */
export interface DatasetErrorDetails {
  /** The file, folder or address concerned. */
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** The likely cause, or what to do, in one sentence. */
  readonly hint?: string;
  /** The one command that helps; this package names none, the program around it may. */
  readonly command?: string;
  readonly cause?: unknown;
}

/** An expected failure: the message is a first line that stands alone, with expected and actual values in it. */
export class DatasetError extends Error {
  readonly code: DatasetErrorCode;
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly hint?: string;
  readonly command?: string;

  constructor(code: DatasetErrorCode, message: string, details: DatasetErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DatasetError';
    this.code = code;
    if (details.path !== undefined) this.path = details.path;
    if (details.expected !== undefined) this.expected = details.expected;
    if (details.actual !== undefined) this.actual = details.actual;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.command !== undefined) this.command = details.command;
  }
}

/** The same error with the path of what it concerns; one that has a path stays as it is. */
export function addPath(error: DatasetError, path: string): DatasetError {
  if (error.path !== undefined) return error;
  const { expected, actual, hint, command, cause } = error;
  return new DatasetError(error.code, error.message, {
    path,
    ...(expected !== undefined && { expected }),
    ...(actual !== undefined && { actual }),
    ...(hint !== undefined && { hint }),
    ...(command !== undefined && { command }),
    cause,
  });
}
