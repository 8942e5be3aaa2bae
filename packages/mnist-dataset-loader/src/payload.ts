import { createHash } from 'node:crypto';
import path from 'node:path';
import { checkDigitHeader } from './digits.ts';
import { addPath, DatasetError } from './errors.ts';
import { gunzip, gunzipStart, isGzip } from './gunzip.ts';
import { idxError, parseIdxHeader } from './idx-header.ts';
import { readRegularFile } from './read-file.ts';
import type { SourceFile } from './sources.ts';
import { escapeText, formatCount } from './text.ts';

/** The unpacked bytes of a data file with their SHA-256 in hex: what was hashed is what is used. */
export interface Payload {
  readonly file: string;
  /** Bytes of the file as it lies there, packed or not. */
  readonly fileBytes: number;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/**
 * Reads a file of a data set whose bytes are known beforehand, plain or packed.
 *
 * @throws DatasetError `E_NO_INPUT`, `E_GZIP`, `E_IDX_FORMAT` or `E_CHECKSUM`, with the file's path.
 */
export function loadPinned(file: string, source: SourceFile): Payload {
  return withPath(file, () => {
    const bytes = readRegularFile(file, Math.max(source.sizeBytes * 2, 1_000_000));
    return { file, fileBytes: bytes.length, ...verifyPinned(bytes, path.basename(file), source) };
  });
}

/**
 * Unpacks bytes (of a file or a download) and compares them with what `source` says they must be.
 *
 * @throws DatasetError `E_GZIP`, `E_IDX_FORMAT` or `E_CHECKSUM`.
 */
export function verifyPinned(
  bytes: Uint8Array,
  name: string,
  source: SourceFile,
): { readonly bytes: Uint8Array; readonly sha256: string } {
  const safeName = escapeText(name);
  if (bytes.length === 0) {
    throw idxError(safeName, `it is empty (0 bytes), expected ${formatCount(source.sizeBytes)}`);
  }
  // A stream too broken to show its header: unpacking shows what is wrong with it.
  const start = isGzip(bytes) ? gunzipStart(bytes, 16) : bytes;
  if (!isGzip(bytes) || start.length === 16) checkPinnedHeader(start, safeName, source);
  const payload = isGzip(bytes) ? gunzip(bytes, { name: safeName, maxBytes: source.sizeBytes }) : bytes;
  checkPinnedSize(payload.length, safeName, source);
  const sha256 = hash(payload);
  if (sha256 !== source.sha256) throw checksumError(safeName, sha256, source);
  return { bytes: payload, sha256 };
}

/** SHA-256, in hex, of bytes given in one or several parts. */
export function hash(...parts: readonly Uint8Array[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
}

/** Runs `load` and gives its errors the path of the file concerned. */
export function withPath<Value>(file: string, load: () => Value): Value {
  try {
    return load();
  } catch (error) {
    throw error instanceof DatasetError ? addPath(error, path.resolve(file)) : error;
  }
}

function checkPinnedHeader(start: Uint8Array, name: string, source: SourceFile): void {
  const header = parseIdxHeader(start, name);
  checkDigitHeader(header, source.content, name);
  const [count = 0] = header.shape;
  if (count !== source.count && header.sizeBytes !== source.sizeBytes) {
    const problem = `it declares ${formatCount(count)} ${source.content}, expected ${formatCount(source.count)}`;
    throw idxError(name, problem, { expected: String(source.count), actual: String(count) });
  }
}

function checkPinnedSize(actualBytes: number, name: string, source: SourceFile): void {
  if (actualBytes === source.sizeBytes) return;
  const details = { expected: String(source.sizeBytes), actual: String(actualBytes) };
  const expected = formatCount(source.sizeBytes);
  if (actualBytes < source.sizeBytes) {
    const problem = `${formatCount(actualBytes)} of ${expected} bytes are there`;
    throw idxError(name, problem, { ...details, hint: 'It was probably cut off.' });
  }
  const extra = formatCount(actualBytes - source.sizeBytes);
  throw idxError(name, `it has ${extra} extra bytes after the expected ${expected}`, details);
}

function checksumError(name: string, actual: string, source: SourceFile): DatasetError {
  return new DatasetError(
    'E_CHECKSUM',
    `${name} is not the original: its payload's SHA-256 is ${actual}, expected ${source.sha256}`,
    {
      expected: source.sha256,
      actual,
      hint: 'The file may be damaged or altered: fetch it again, or keep your own data in a separate folder.',
    },
  );
}
