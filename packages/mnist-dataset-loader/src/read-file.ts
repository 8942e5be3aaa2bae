import fs from 'node:fs';
import path from 'node:path';
import { DatasetError } from './errors.ts';
import { escapeText, formatCount, formatErrno } from './text.ts';

/**
 * Reads a regular file of at most `maxBytes` into one buffer. What it is was asked before it is opened, so that
 * no pipe, device or socket blocks.
 *
 * @throws DatasetError `E_NO_INPUT` where it is missing, unreadable or no regular file, `E_IDX_FORMAT` where it is
 * larger, `E_IO` where reading fails.
 */
export function readRegularFile(file: string, maxBytes: number): Buffer {
  const name = escapeText(path.basename(file));
  let handle: number;
  try {
    if (!fs.statSync(file).isFile()) throw notRegular(file);
    handle = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError('E_NO_INPUT', `cannot read ${name}: ${formatErrno(error)}`, {
      path: file,
      cause: error,
    });
  }
  try {
    const status = fs.fstatSync(handle);
    if (!status.isFile()) throw notRegular(file);
    if (status.size > maxBytes) throw tooLarge(file, status.size, maxBytes);
    return readAll(handle, status.size);
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError('E_IO', `cannot read ${name}: ${formatErrno(error)}`, {
      path: file,
      cause: error,
    });
  } finally {
    fs.closeSync(handle);
  }
}

/** Whether something, be it a dangling link, has this name. */
export function hasName(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function notRegular(file: string): DatasetError {
  const kind = fs.statSync(file).isDirectory() ? 'a folder' : 'a device, pipe or socket';
  const name = escapeText(path.basename(file));
  return new DatasetError('E_NO_INPUT', `cannot read ${name}: it is ${kind}, not a regular file`, {
    path: file,
  });
}

function tooLarge(file: string, sizeBytes: number, maxBytes: number): DatasetError {
  const name = escapeText(path.basename(file));
  return new DatasetError(
    'E_IDX_FORMAT',
    `cannot read ${name}: it has ${formatCount(sizeBytes)} bytes, at most ${formatCount(maxBytes)} are expected`,
    { path: file, expected: `at most ${maxBytes}`, actual: String(sizeBytes) },
  );
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
