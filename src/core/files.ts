import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type ErrorCode, errnoOf, escapeText, formatErrno, TrainerError } from './errors.ts';

/**
 * Writes a file so that its name holds either the old bytes or all the new ones, whatever happens in between:
 * temp file in the same folder, write, fsync, rename, fsync of the folder.
 *
 * @throws TrainerError `E_DISK_FULL`, `E_NOT_WRITABLE` or `E_IO`; the temp file is gone then.
 */
export function writeFileAtomic(file: string, bytes: Uint8Array | string): void {
  const temp = nameTemp(file);
  try {
    const handle = fs.openSync(temp, 'wx');
    try {
      writeAll(handle, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    fs.renameSync(temp, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    removeIfThere(temp);
    throw fileError(error, 'write', file);
  }
}

/**
 * Makes sure that `writeFileAtomic` can write a file, before the work for it begins. Nothing is left of the trial: folders that it
 * takes are made for the writing.
 *
 * @throws TrainerError `E_NOT_WRITABLE`, or `E_DISK_FULL`.
 */
export function checkWritable(file: string): void {
  const folder = path.dirname(path.resolve(file));
  const temp = nameTemp(file);
  let firstMade: string | undefined;
  try {
    if (!fs.existsSync(folder)) firstMade = fs.mkdirSync(folder, { recursive: true });
    fs.closeSync(fs.openSync(temp, 'wx'));
    if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
      throw Object.assign(new Error('a folder has this name'), { code: 'EISDIR' });
  } catch (error) {
    throw fileError(error, 'write', file, isFull(error) ? undefined : 'E_NOT_WRITABLE');
  } finally {
    removeIfThere(temp);
    if (firstMade !== undefined) removeEmptyFolders(folder, firstMade);
  }
}

/** Makes a rename or a new name in `folder` durable. Where the system cannot sync folders (EINVAL, EISDIR), nothing is done. */
export function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } catch (error) {
    if (!['EINVAL', 'EISDIR', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    fs.closeSync(handle);
  }
}

/** Makes a folder with its parents. @throws TrainerError `E_NOT_WRITABLE` with the errno in words. */
export function createFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileError(error, 'create', folder, 'E_NOT_WRITABLE');
  }
}

/**
 * Writes files into a folder, which is made where it is missing, each whole or not at all, in order.
 *
 * @returns the paths written.
 * @throws TrainerError `E_NOT_WRITABLE`, `E_DISK_FULL` or `E_IO`.
 */
export function writeFiles(
  folder: string,
  contents: Readonly<Record<string, Uint8Array | string>>,
): readonly string[] {
  createFolder(folder);
  return Object.entries(contents).map(([name, content]) => {
    const file = path.join(folder, name);
    writeFileAtomic(file, content);
    return file;
  });
}

/**
 * Reads a regular file of at most `maxBytes`, checked before a byte is read, so that no FIFO or device blocks.
 *
 * @throws TrainerError `E_NO_INPUT` where it is missing, unreadable or no regular file; `tooLarge` beyond the cap.
 */
export function readFileCapped(file: string, maxBytes: number, tooLarge: ErrorCode): Buffer {
  let handle: number;
  try {
    const status = fs.statSync(file);
    if (!status.isFile()) {
      const kind = status.isDirectory() ? 'a folder' : 'a device, pipe or socket';
      throw new TrainerError('E_NO_INPUT', `cannot read ${nameOf(file)}: it is ${kind}, not a regular file`, {
        path: file,
      });
    }
    handle = fs.openSync(file, 'r');
  } catch (error) {
    throw fileError(error, 'read', file, isAbsence(error) ? 'E_NO_INPUT' : undefined);
  }
  try {
    const sizeBytes = fs.fstatSync(handle).size;
    if (sizeBytes > maxBytes) {
      throw new TrainerError(
        tooLarge,
        `cannot read ${nameOf(file)}: it has ${formatCount(sizeBytes)} bytes, the limit is ${formatCount(maxBytes)}`,
        { path: file, expected: `at most ${maxBytes}`, actual: String(sizeBytes) },
      );
    }
    return fs.readFileSync(handle);
  } catch (error) {
    throw fileError(error, 'read', file);
  } finally {
    closeReader(handle);
  }
}

/** The names in a folder; none where there is no such folder. @throws TrainerError where it cannot be read. */
export function listNames(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw fileError(error, 'read', folder);
  }
}

/** Turns a failed system call on `file` into a TrainerError; the code follows from the errno unless given. */
export function fileError(error: unknown, verb: string, file: string, code?: ErrorCode): TrainerError {
  if (error instanceof TrainerError) return error;
  const errno = errnoOf(error) ?? '';
  const denied = ['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ENOTDIR'].includes(errno);
  return new TrainerError(
    code ?? (isFull(error) ? 'E_DISK_FULL' : denied ? 'E_NOT_WRITABLE' : 'E_IO'),
    `cannot ${verb} ${nameOf(file)}: ${formatErrno(error)}`,
    { path: file, cause: error },
  );
}

/** What an error comes to once work has begun: a place that could be written before is no longer a matter of setup. */
export function asFailedWork(error: unknown): unknown {
  if (!(error instanceof TrainerError) || error.code !== 'E_NOT_WRITABLE') return error;
  return new TrainerError('E_IO', error.message, error);
}

/** 47040016 -> "47,040,016". */
export function formatCount(count: number): string {
  // Without Intl, whose start takes 25 ms.
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Removes a file; that it is missing, or cannot be removed, is not an error: used on paths that fail already. */
export function removeIfThere(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch {
    // The first error is the one to report.
  }
}

/** Closes what was only read: that it fails takes nothing away. */
function closeReader(handle: number): void {
  try {
    fs.closeSync(handle);
  } catch {
    // The bytes are here.
  }
}

/** Whether a file is missing or closed to us, and not the disk or the process in trouble. */
function isAbsence(error: unknown): boolean {
  const absences = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'ENXIO'];
  return absences.includes(errnoOf(error) ?? '');
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errnoOf(error) ?? '');
}

function nameTemp(file: string): string {
  return `${file}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Removes a folder and those around it, up to `last`, as long as nothing is in them. */
function removeEmptyFolders(folder: string, last: string): void {
  try {
    for (let each = folder; each.length >= last.length; each = path.dirname(each)) fs.rmdirSync(each);
  } catch {
    // Somebody has put something there meanwhile, which stays.
  }
}

function nameOf(file: string): string {
  return escapeText(path.basename(file));
}

function writeAll(handle: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    written += fs.writeSync(handle, bytes, written, bytes.length - written);
  }
}
