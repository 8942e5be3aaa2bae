import fs from 'node:fs';
import path from 'node:path';
import { DatasetError, type DatasetErrorCode, type DatasetErrorDetails } from './errors.ts';
import { errnoOf, escapeText, formatCount, formatErrno } from './text.ts';

/**
 * Reads a regular file of at most `maxBytes` into one buffer. What it is was asked before it is opened, so that
 * no pipe, device or socket blocks.
 *
 * @throws DatasetError `E_NO_INPUT` where it is missing, unreadable or no regular file, `tooLargeCode` where it is
 * larger, `E_IO` where reading fails.
 */
export function readRegularFile(
  file: string,
  maxBytes: number,
  tooLargeCode: DatasetErrorCode = 'E_IDX_FORMAT',
): Buffer {
  const handle = openRegular(file);
  try {
    const { size } = fs.fstatSync(handle);
    if (size > maxBytes) throw new DatasetError(tooLargeCode, ...tooLarge(file, size, maxBytes));
    return readAll(handle, size);
  } catch (error) {
    throw readError('E_IO', file, error);
  } finally {
    closeReader(handle);
  }
}

/** The first bytes of a regular file. @throws DatasetError as `readRegularFile`. */
export function readStart(file: string, maxBytes: number): Buffer {
  const handle = openRegular(file);
  try {
    return readAll(handle, Math.min(maxBytes, fs.fstatSync(handle).size));
  } catch (error) {
    throw readError('E_IO', file, error);
  } finally {
    closeReader(handle);
  }
}

/** Whether something, be it a dangling link, has this name. */
export function hasName(file: string): boolean {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // No file can be there, or have that name; where that cannot be determined, reading it will say why.
    return !['ENOTDIR', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '');
  }
}

/** Whether a regular file, or a link to one, has this name. */
export function isRegularFile(file: string): boolean {
  return statusOf(file)?.isFile() === true;
}

/** Whether a folder, or a link to one, has this name. */
export function isFolder(file: string): boolean {
  return statusOf(file)?.isDirectory() === true;
}

function statusOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch {
    // A circle of links, or not ours to ask: reading it says so.
    return undefined;
  }
}

/** Opened, it is asked again what it is: it may have been replaced. */
function openRegular(file: string): number {
  let handle: number | undefined;
  try {
    if (!fs.statSync(file).isFile()) throw notRegular(file);
    handle = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    if (!fs.fstatSync(handle).isFile()) throw notRegular(file);
    return handle;
  } catch (error) {
    if (handle !== undefined) closeReader(handle);
    throw readError('E_NO_INPUT', file, error);
  }
}

function readError(code: DatasetErrorCode, file: string, error: unknown): DatasetError {
  if (error instanceof DatasetError) return error;
  const name = escapeText(path.basename(file));
  return new DatasetError(code, `cannot read ${name}: ${formatErrno(error)}`, { path: file, cause: error });
}

function notRegular(file: string): DatasetError {
  const kind = fs.statSync(file).isDirectory() ? 'a folder' : 'a device, pipe or socket';
  const name = escapeText(path.basename(file));
  return new DatasetError('E_NO_INPUT', `cannot read ${name}: it is ${kind}, not a regular file`, {
    path: file,
  });
}

function tooLarge(file: string, sizeBytes: number, maxBytes: number): [message: string, DatasetErrorDetails] {
  const sizes = `it is larger than expected: ${formatCount(sizeBytes)} bytes, at most ${formatCount(maxBytes)}`;
  return [
    `cannot read ${escapeText(path.basename(file))}: ${sizes}`,
    { path: file, expected: `at most ${maxBytes}`, actual: String(sizeBytes) },
  ];
}

function closeReader(handle: number): void {
  try {
    fs.closeSync(handle);
  } catch {
    // The bytes are here, and nothing was written.
  }
}

function readAll(handle: number, sizeBytes: number): Buffer {
  // Not from the shared pool: views of these bytes are handed out.
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const count = fs.readSync(handle, bytes, filled, sizeBytes - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
