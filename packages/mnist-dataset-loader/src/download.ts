import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { createDispatcher } from './dispatcher.ts';
import type { DownloadEvent } from './download-event.ts';
import { DatasetError } from './errors.ts';
import { type FetchContext, type FetchedFile, fetchFile, type MirrorFailure } from './fetch-file.ts';
import { findFiles, missingError } from './find-files.ts';
import { isGzip } from './gunzip.ts';
import { type DownloadLimits, defaultLimits } from './limits.ts';
import { type Mirror, parseMirror } from './mirror.ts';
import { loadPinned } from './payload.ts';
import { keepAsBad, placeFile, prepareFolder, removeIfEmpty, removeIfThere, removeOrphans } from './place.ts';
import { isFolder } from './read-file.ts';
import { mnistFiles, type SourceFile } from './sources.ts';

export interface DownloadOptions {
  readonly dataDir: string;
  /** Folders and http(s) addresses, in the order in which they are tried. */
  readonly mirrors: readonly string[];
  /** Fetch nothing; fail where a file is missing or damaged. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: DownloadEvent) => void;
  readonly limits?: Partial<DownloadLimits>;
}

/** What became of one file. */
export interface DownloadedFile {
  readonly name: string;
  /** Where it lies now. */
  readonly path: string;
  /** It was there; it was fetched; or it was damaged and fetched again. */
  readonly status: 'present' | 'fetched' | 'repaired';
  /** The mirror that served it, without credentials. */
  readonly mirror?: string;
  /** Bytes of the file as it lies there. */
  readonly sizeBytes: number;
}

export interface DownloadResult {
  readonly files: readonly DownloadedFile[];
}

/** What tests put in place of the network, time and chance. */
export interface DownloadMeans {
  readonly createDispatcher?: (connectMs: number) => Promise<Dispatcher>;
  readonly wait?: FetchContext['wait'];
  readonly chance?: FetchContext['chance'];
}

/**
 * Makes the four files of MNIST complete and right in a folder. What is there and right stays, without any request;
 * the rest comes from the first mirror that serves it, verified before it gets its name.
 *
 * @throws DatasetError `E_USAGE`, `E_NO_INPUT`, `E_NOT_WRITABLE`, `E_NETWORK`, `E_CHECKSUM`, `E_DISK_FULL`, `E_IO`; with
 * `offline` the error of the first file at fault; the reason of `signal` where that is aborted.
 */
export async function downloadMnist(options: DownloadOptions): Promise<DownloadResult> {
  return downloadFiles(mnistFiles, options);
}

/** The same for any table of files. */
export async function downloadFiles(
  sources: readonly SourceFile[],
  options: DownloadOptions,
  means: DownloadMeans = {},
): Promise<DownloadResult> {
  const { dataDir, onEvent = () => {} } = options;
  const mirrors = options.mirrors.map(parseMirror);
  removeOrphans(
    dataDir,
    sources.map(({ name }) => name),
  );
  const states = sources.map((source) => inspect(source, dataDir));
  for (const { source, present } of states) {
    if (present !== undefined) onEvent({ type: 'present', file: source.name });
  }
  if (states.every(({ present }) => present !== undefined)) return { files: states.map(presentFile) };
  if (options.offline === true || mirrors.length === 0) throw firstProblem(states, dataDir);
  const isNew = prepareFolder(dataDir);
  try {
    return { files: await fetchMissing(states, mirrors, { options, means }) };
  } catch (error) {
    if (isNew) removeIfEmpty(dataDir);
    throw error;
  }
}

interface FileState {
  readonly source: SourceFile;
  readonly present: DownloadedFile | undefined;
  readonly damaged: readonly { readonly file: string; readonly error: DatasetError }[];
  /** A folder has the file's name. */
  readonly inTheWay?: DatasetError;
}

function inspect(source: SourceFile, folder: string): FileState {
  const damaged: { file: string; error: DatasetError }[] = [];
  let unreadable: DatasetError | undefined;
  let inTheWay: DatasetError | undefined;
  for (const file of findFiles(folder, source.name)) {
    try {
      const { fileBytes } = loadPinned(file, source);
      const present = { name: source.name, path: file, status: 'present', sizeBytes: fileBytes } as const;
      return { source, present, damaged };
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      // What cannot be read at all is no damaged file, and stays; what lies deeper in the folder is not ours to repair.
      if (error.code === 'E_NO_INPUT' || error.code === 'E_IO') {
        if (isFolder(file)) inTheWay ??= error;
        else unreadable ??= error;
      } else if (path.dirname(path.resolve(file)) === path.resolve(folder)) damaged.push({ file, error });
    }
  }
  if (unreadable !== undefined) throw unreadable;
  return { source, present: undefined, damaged, ...(inTheWay && { inTheWay }) };
}

function presentFile({ present }: FileState): DownloadedFile {
  if (present === undefined) throw new Error('requested a file that is missing');
  return present;
}

function firstProblem(states: readonly FileState[], folder: string): DatasetError {
  const state = states.find(({ present }) => present === undefined);
  if (state === undefined) throw new Error('requested a problem where there is none');
  return state.damaged[0]?.error ?? state.inTheWay ?? missingError(folder, state.source.name);
}

async function fetchMissing(
  states: readonly FileState[],
  mirrors: readonly Mirror[],
  { options, means }: { readonly options: DownloadOptions; readonly means: DownloadMeans },
): Promise<readonly DownloadedFile[]> {
  const limits = { ...defaultLimits, ...options.limits };
  const deadline = createDeadline(limits.totalMs, options.signal);
  let dispatcher: Promise<Dispatcher> | undefined;
  const context: FetchContext = {
    limits,
    signal: deadline.signal,
    emit: options.onEvent ?? (() => {}),
    dispatcher: () => (dispatcher ??= (means.createDispatcher ?? createDispatcher)(limits.connectMs)),
    wait: means.wait ?? waitFor,
    chance: means.chance ?? Math.random,
  };
  const failures: MirrorFailure[] = [];
  const files: DownloadedFile[] = [];
  try {
    for (const state of states) {
      if (state.present !== undefined) {
        files.push(state.present);
        continue;
      }
      // A mirror that failed once is asked last from then on.
      const failed = new Set(failures.map(({ mirror }) => mirror));
      const inOrder = [
        ...mirrors.filter((each) => !failed.has(each)),
        ...mirrors.filter((each) => failed.has(each)),
      ];
      for (const { file, error } of state.damaged) {
        const keptAs = `${path.basename(file)}.bad`;
        context.emit({ type: 'damaged', file: path.basename(file), reason: error.message, keptAs });
      }
      files.push(place(state, await fetchFile(state.source, inOrder, { context, failures }), options));
    }
  } finally {
    deadline.stop();
    await (await dispatcher)?.destroy();
  }
  return files;
}

function place(
  { source, damaged }: FileState,
  fetched: FetchedFile,
  options: DownloadOptions,
): DownloadedFile {
  const file = findFreeName(options.dataDir, isGzip(fetched.bytes) ? `${source.name}.gz` : source.name);
  placeFile(file, fetched.bytes, () => {
    for (const bad of damaged) keepAsBad(bad.file);
  });
  for (const bad of damaged) if (bad.file !== file) removeIfThere(bad.file);
  const sizeBytes = fetched.bytes.length;
  const mirror = fetched.mirror.title;
  options.onEvent?.({ type: 'done', file: source.name, mirror, sizeBytes });
  const status = damaged.length > 0 ? 'repaired' : 'fetched';
  return { name: source.name, path: file, status, mirror, sizeBytes };
}

/** Where a file of this name goes: where a folder has the name, under the other spelling. */
function findFreeName(folder: string, name: string): string {
  const file = path.join(folder, name);
  return isFolder(file) ? path.join(folder, name.replace('-idx', '.idx')) : file;
}

async function waitFor(waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(waitMs, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function createDeadline(
  totalMs: number,
  signal: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const message = `cannot fetch the data: not finished within ${totalMs / 1000} s`;
  const callOff = () => controller.abort(signal?.reason);
  const timer = setTimeout(() => controller.abort(new DatasetError('E_NETWORK', message)), totalMs);
  if (signal?.aborted === true) callOff();
  signal?.addEventListener('abort', callOff);
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', callOff);
    },
  };
}
