import path from 'node:path';
import type { Dispatcher } from 'undici';
import { isHtml } from './content.ts';
import type { DownloadEvent } from './download-event.ts';
import { DatasetError } from './errors.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { FetchError } from './fetch-error.ts';
import { findFiles } from './find-files.ts';
import { gunzip, gunzipStart, isGzip } from './gunzip.ts';
import type { DownloadLimits } from './limits.ts';
import type { Mirror } from './mirror.ts';
import { verifyPinned } from './payload.ts';
import { readRegularFile } from './read-file.ts';
import type { SourceFile } from './sources.ts';

/** What fetching a file needs from around it. */
export interface FetchContext {
  readonly limits: DownloadLimits;
  readonly signal: AbortSignal;
  readonly emit: (event: DownloadEvent) => void;
  readonly dispatcher: () => Promise<Dispatcher>;
  readonly wait: (waitMs: number, signal: AbortSignal) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly chance: () => number;
}

/** Verified bytes of a file, packed or plain as they came. */
export interface FetchedFile {
  readonly bytes: Uint8Array;
  readonly mirror: Mirror;
}

/** Why a mirror did not serve a file; `wrongBytes` where it served others. */
export interface MirrorFailure {
  readonly mirror: Mirror;
  readonly reason: string;
  readonly wrongBytes: boolean;
}

/**
 * Fetches a file from the first mirror that serves the right bytes; each failure goes to `failures`.
 *
 * @throws DatasetError `E_CHECKSUM` where every mirror served wrong bytes, else `E_NETWORK`; the signal's reason.
 */
export async function fetchFile(
  source: SourceFile,
  mirrors: readonly Mirror[],
  { context, failures }: { readonly context: FetchContext; readonly failures: MirrorFailure[] },
): Promise<FetchedFile> {
  const here: MirrorFailure[] = [];
  for (const [index, mirror] of mirrors.entries()) {
    const isLast = index === mirrors.length - 1;
    const result = await tryMirror(source, mirror, { context, isLast });
    if (!('reason' in result)) return { bytes: result.bytes, mirror };
    here.push(result);
    failures.push(result);
  }
  throw allFailed(source, here);
}

async function tryMirror(
  source: SourceFile,
  mirror: Mirror,
  { context, isLast }: { readonly context: FetchContext; readonly isLast: boolean },
): Promise<{ readonly bytes: Uint8Array } | MirrorFailure> {
  const { limits, signal, emit } = context;
  const attempts = mirror.type === 'folder' ? 1 : limits.attempts;
  const event = { file: source.name, mirror: mirror.title, attempts };
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    emit({ type: 'request', ...event, attempt });
    try {
      return { bytes: await fetchVerified(source, mirror, context) };
    } catch (error) {
      signal.throwIfAborted();
      const failure = describeFailure(error, mirror);
      const waitMs = attempt < attempts ? waitBeforeRetry(error, attempt, context) : undefined;
      const next = waitMs !== undefined ? 'retry' : isLast ? 'give-up' : 'next-mirror';
      emit({ type: 'failure', ...event, attempt, reason: failure.reason, next, waitMs: waitMs ?? 0 });
      if (waitMs === undefined) return failure;
      await context.wait(waitMs, signal);
    }
  }
}

async function fetchVerified(source: SourceFile, mirror: Mirror, context: FetchContext): Promise<Uint8Array> {
  if (mirror.type === 'folder') return copyFromFolder(source, mirror.folder);
  return verify(await fetchFromAddress(source, mirror, context), source);
}

/** The first right file in a folder; what is wrong there is skipped, and reported if nothing else serves. */
function copyFromFolder(source: SourceFile, folder: string): Uint8Array {
  let firstError: unknown;
  for (const file of findFiles(folder, source.name)) {
    try {
      return verify(readRegularFile(path.resolve(file), largestFile(source)), source);
    } catch (error) {
      firstError ??= error;
    }
  }
  throw firstError ?? new FetchError(`there is no ${source.name}.gz`, 'next-mirror');
}

function verify(bytes: Uint8Array, source: SourceFile): Uint8Array {
  if (isHtml(bytes)) throw new FetchError('got HTML, not gzip', 'next-mirror');
  const name = `${source.name}.gz`;
  // A proxy that packs what it passes on has packed the packed file.
  const packedTwice = isGzip(bytes) && isGzip(gunzipStart(bytes, 2));
  const kept = packedTwice ? gunzip(bytes, { name, maxBytes: largestFile(source) }) : bytes;
  verifyPinned(kept, name, source);
  return kept;
}

async function fetchFromAddress(
  source: SourceFile,
  mirror: Mirror & { readonly type: 'address' },
  context: FetchContext,
): Promise<Uint8Array> {
  return fetchBytes(new URL(`${source.name}.gz`, mirror.url), {
    dispatcher: await context.dispatcher(),
    limits: context.limits,
    maxBytes: largestFile(source),
    signal: context.signal,
    onProgress: (receivedBytes, totalBytes) =>
      context.emit({ type: 'progress', file: source.name, mirror: mirror.title, receivedBytes, totalBytes }),
  });
}

/** What the payload takes at most, packed or not: what cannot be packed grows by 5 bytes in each block of 16 KiB. */
function largestFile({ sizeBytes }: SourceFile): number {
  return sizeBytes + Math.ceil(sizeBytes / 1000) + 64;
}

function describeFailure(error: unknown, mirror: Mirror): MirrorFailure {
  if (error instanceof FetchError) return { mirror, reason: error.message, wrongBytes: false };
  if (error instanceof DatasetError && error.code !== 'E_USAGE') {
    const wrongBytes = ['E_CHECKSUM', 'E_GZIP', 'E_IDX_FORMAT'].includes(error.code);
    return { mirror, reason: error.message, wrongBytes };
  }
  throw error;
}

function waitBeforeRetry(error: unknown, attempt: number, context: FetchContext): number | undefined {
  const { limits, chance } = context;
  const mayPass = error instanceof FetchError ? error.next === 'retry' : endsEarly(error);
  if (!mayPass) return undefined;
  const asked = error instanceof FetchError ? (error.retryAfterMs ?? 0) : 0;
  if (asked > limits.retryAfterMs) return undefined;
  const backOffMs = limits.backOffMs * 2 ** (attempt - 1);
  return Math.max(asked, backOffMs * (1 - chance() / 2));
}

function endsEarly(error: unknown): boolean {
  const cause = error instanceof DatasetError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'Z_BUF_ERROR';
}

function allFailed(source: SourceFile, failures: readonly MirrorFailure[]): DatasetError {
  const reasons = failures.map(({ mirror, reason }) => `${mirror.title}: ${reason}`).join('; ');
  const wrong = failures.length > 0 && failures.every(({ wrongBytes }) => wrongBytes);
  return new DatasetError(
    wrong ? 'E_CHECKSUM' : 'E_NETWORK',
    `cannot fetch ${source.name}.gz: none of ${failures.length} mirrors served it (${reasons})`,
    {
      hint: wrong
        ? 'The files there may be damaged or altered: name another mirror.'
        : 'Try again; or without a network, name a folder with the four files as a mirror or as the data folder.',
    },
  );
}
