import { type ErrorCode, escapeText } from '../core/errors.ts';

/** The call that failed, as far as advice depends on it. */
export interface FailedCall {
  readonly verb: string;
  /** The values of the command's options; `undefined` where they could not be read. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Of an error what advice depends on. */
export interface AdvisedError {
  readonly code: ErrorCode;
  readonly path?: string;
  /** The class: the loader's errors are about data. */
  readonly name: string;
}

/** The one command that helps against an error of the loader, which cannot know how it was called. */
export function adviseCommand(error: AdvisedError, { verb, options }: FailedCall): string | undefined {
  if (error.name !== 'DatasetError') return undefined;
  const { dataDir, dataset = 'mnist' } = options;
  const into = typeof dataDir === 'string' && dataDir !== 'data' ? ` --data-dir ${quote(dataDir)}` : '';
  if (error.code === 'E_USAGE') return `mnist-cnn ${verb} --help`;
  if (['E_NOT_WRITABLE', 'E_DISK_FULL', 'E_IO'].includes(error.code)) {
    return 'mnist-cnn download --data-dir /path/to/folder';
  }
  // Without a path it is about what the mirrors served.
  if (error.code === 'E_NETWORK' || error.path === undefined) {
    return `mnist-cnn download${into} --mirror /path/to/mnist`;
  }
  if (dataset === 'mnist') return `mnist-cnn download${into}`;
  return error.code === 'E_NO_INPUT' ? 'mnist-cnn download' : `mnist-cnn ${verb} --dataset mnist`;
}

/** A path as a shell takes it. */
export function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${escapeText(text).replaceAll("'", "'\\''")}'`;
}
