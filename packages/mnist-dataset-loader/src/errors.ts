export type DatasetErrorCode =
  | 'E_NO_INPUT'
  | 'E_IDX_FORMAT'
  | 'E_NPZ_FORMAT'
  | 'E_DATA_KIND'
  | 'E_GZIP'
  | 'E_CHECKSUM'
  | 'E_NETWORK'
  | 'E_NOT_WRITABLE'
  | 'E_DISK_FULL'
  | 'E_IO'
  | 'E_USAGE';

/** What data may come as; only IDX files and npz archives are read. */
export type DataKind =
  | 'folder'
  | 'idx'
  | 'npz'
  | 'npy'
  | 'csv'
  | 'pictures'
  | 'picture'
  | 'pickle'
  | 'parquet'
  | 'matlab'
  | 'hdf5'
  | 'zip'
  | 'tar'
  | 'other';

/** What an error says besides its first line; every part is optional. */
export interface DatasetErrorDetails {
  /** The file, folder or address concerned. */
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** The likely cause, or what to do, in one sentence. */
  readonly hint?: string;
  /** The one command that helps; this package names none, the program around it may. */
  readonly command?: string;
  /** What was found, or what lacks, where a program can turn it into what is read. */
  readonly kind?: DataKind | ConvertibleFault;
  readonly cause?: unknown;
}

/** A fault of data that are read otherwise: no test examples, labels from 1 to 10, images of 32 x 32, names of no meaning. */
export type ConvertibleFault =
  | 'no-test'
  | 'labels-from-1'
  | 'images-32'
  | 'unnamed-arrays'
  | 'inexact-floats';

/** An expected failure: the message is a first line that stands alone, with expected and actual values in it. */
export class DatasetError extends Error {
  readonly code: DatasetErrorCode;
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly hint?: string;
  readonly command?: string;
  readonly kind?: DataKind | ConvertibleFault;

  constructor(code: DatasetErrorCode, message: string, details: DatasetErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DatasetError';
    this.code = code;
    if (details.path !== undefined) this.path = details.path;
    if (details.expected !== undefined) this.expected = details.expected;
    if (details.actual !== undefined) this.actual = details.actual;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.command !== undefined) this.command = details.command;
    if (details.kind !== undefined) this.kind = details.kind;
  }
}

/** The same error with the path of what it concerns; one that has a path stays as it is. */
export function addPath(error: DatasetError, path: string): DatasetError {
  if (error.path !== undefined) return error;
  const { expected, actual, hint, command, kind, cause } = error;
  return new DatasetError(error.code, error.message, {
    path,
    ...(expected !== undefined && { expected }),
    ...(actual !== undefined && { actual }),
    ...(hint !== undefined && { hint }),
    ...(command !== undefined && { command }),
    ...(kind !== undefined && { kind }),
    cause,
  });
}
