import os from 'node:os';
import nodePath from 'node:path';
import type { DatasetError } from '#mnist-dataset-loader';
import type { Flags } from '../config/options.ts';
import type { ErrorCode } from '../core/errors.ts';
import { formatCommand, pickFlags, repeatCommand } from './command-line.ts';
import { convertCommand } from './data-conversion.ts';

/** The call that failed, as far as advice depends on it. */
export interface FailedCall {
  readonly verb: string;
  readonly operands: readonly string[];
  /** The flags as they were typed. */
  readonly flags: Flags;
  /** The values of the command's options. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Of an error what advice depends on. */
export interface AdvisedError {
  readonly code: ErrorCode;
  readonly path?: string;
  /** The class: the loader's errors are about data. */
  readonly name: string;
  /** Of the loader's errors: what is there instead, or is missing. */
  readonly kind?: DatasetError['kind'];
}

/** The one command that helps against an error of the loader, which cannot know how it was called. */
export function adviseCommand(error: AdvisedError, call: FailedCall): string | undefined {
  if (error.name !== 'DatasetError') return undefined;
  const { verb, flags, options } = call;
  const { dataset = 'mnist' } = options;
  if (error.code === 'E_USAGE') return formatCommand(verb, { flags: { help: true } });
  if (['E_NOT_WRITABLE', 'E_DISK_FULL', 'E_IO'].includes(error.code)) {
    return repeatCommand(call, { dataDir: suggestFolder('mnist') });
  }
  const download = formatCommand('download', { flags: pickFlags(flags, ['dataDir']) });
  // Without a path it is about what the mirrors served.
  if (error.code === 'E_NETWORK' || error.path === undefined || dataset === 'mnist') return download;
  const convert = error.kind && convertCommand(error.kind, placeOf(error.path, error.kind));
  return convert ?? formatCommand('show', { flags: { dataset: 'mnist' } });
}

/** The folder of a data set where the path is that of one file in it, and all are to be converted. */
function placeOf(path: string, kind: NonNullable<DatasetError['kind']>): string {
  const isOneOfFour = ['labels-from-1', 'images-32'].includes(kind) && !/\.npz$/i.test(path);
  return isOneOfFour ? nodePath.dirname(path) : path;
}

/** A folder of this name that can be written, most likely: in the home folder, else in the system's for temporary files. */
export function suggestFolder(name: string): string {
  try {
    return nodePath.join(os.homedir(), name);
  } catch {
    return nodePath.join(os.tmpdir(), name);
  }
}
