import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DatasetError } from './errors.ts';
import { errnoOf, escapeText, formatErrno } from './text.ts';

/**
 * Makes sure that a folder exists and can be written to, before anything is fetched for it.
 *
 * @returns whether it was created.
 * @throws DatasetError `E_NOT_WRITABLE`, or `E_DISK_FULL`.
 */
export function prepareFolder(folder: string): boolean {
  const isNew = !fs.existsSync(folder);
  const probe = tempName(path.join(folder, 'probe'));
  try {
    createFolder(folder);
    fs.closeSync(fs.openSync(probe, 'wx'));
  } catch (error) {
    const full = isFull(error);
    throw new DatasetError(
      full ? 'E_DISK_FULL' : 'E_NOT_WRITABLE',
      `cannot write to the folder ${escapeText(folder)}: ${formatErrno(error)}`,
      { path: path.resolve(folder), hint: 'Name another folder, or make this one writable.', cause: error },
    );
  } finally {
    removeIfThere(probe);
  }
  return isNew;
}

/** Removes a folder again that nothing came into. */
export function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Something is in it, or it is gone: both are well.
  }
}

/**
 * Writes a file so that its name holds nothing, the old bytes or all the new ones, whatever happens in between: temp
 * file in the same folder, write, fsync, rename, fsync of the folder. `beforeRename` is called once the bytes are safe.
 *
 * @throws DatasetError `E_DISK_FULL`, `E_NOT_WRITABLE` or `E_IO`; the temp file is gone then.
 */
export function placeFile(file: string, bytes: Uint8Array, beforeRename: () => void = () => {}): void {
  const temp = tempName(file);
  try {
    const handle = fs.openSync(temp, 'wx', 0o644);
    try {
      let written = 0;
      while (written < bytes.length) written += fs.writeSync(handle, bytes, written, bytes.length - written);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    beforeRename();
    fs.renameSync(temp, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    removeIfThere(temp);
    throw writeError(error, file, bytes.length);
  }
}

/**
 * Gives a damaged file the additional name `.bad`, so that it is kept when its own name is taken.
 *
 * @throws DatasetError `E_DISK_FULL`, `E_NOT_WRITABLE` or `E_IO`.
 */
export function keepAsBad(file: string): string {
  const bad = `${file}.bad`;
  removeIfThere(bad);
  try {
    fs.linkSync(file, bad);
  } catch (error) {
    // Another download may have kept it already; where there are no links, its own name goes.
    if (errnoOf(error) !== 'EEXIST' || !isFile(bad)) moveTo(bad, file);
  }
  return bad;
}

/** Removes temp files left behind by downloads whose process is gone; those of living processes stay. */
export function removeOrphans(folder: string, names: readonly string[]): void {
  let entries: readonly string[];
  try {
    entries = fs.readdirSync(folder);
  } catch {
    return;
  }
  for (const entry of entries) {
    const match = /^(.+)\.tmp-(\d+)-[0-9a-f]{8}$/.exec(entry);
    const known =
      match?.[1] === 'probe' || names.some((name) => match?.[1] === name || match?.[1] === `${name}.gz`);
    if (known && !isAlive(Number(match?.[2]))) removeIfThere(path.join(folder, entry));
  }
}

/** Removes a file; that it is not there, or cannot be removed, is no error. */
export function removeIfThere(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch {
    // Used where something else is the news.
  }
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function moveTo(target: string, file: string): void {
  try {
    fs.renameSync(file, target);
  } catch (error) {
    // Another download has moved it already.
    if (errnoOf(error) !== 'ENOENT') throw writeError(error, target, 0);
  }
}

function createFolder(folder: string): void {
  const status = fs.statSync(folder, { throwIfNoEntry: false });
  if (status !== undefined && !status.isDirectory()) throw new Error('it is a file');
  fs.mkdirSync(folder, { recursive: true });
}

function tempName(file: string): string {
  return `${file}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`;
}

function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } catch (error) {
    // Some systems cannot sync folders.
    if (!['EINVAL', 'EISDIR', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    fs.closeSync(handle);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errnoOf(error) ?? '');
}

function writeError(error: unknown, file: string, sizeBytes: number): DatasetError {
  if (error instanceof DatasetError) return error;
  const name = escapeText(path.basename(file));
  const details = { path: path.resolve(file), cause: error };
  if (isFull(error)) {
    const free = freeBytes(path.dirname(file));
    const room = `it needs ${formatMegabytes(sizeBytes)}${free === undefined ? '' : `, ${formatMegabytes(free)} are free`}`;
    return new DatasetError('E_DISK_FULL', `cannot write ${name}: ${formatErrno(error)}, ${room}`, {
      ...details,
      hint: 'Free some space, or name a folder on another disk.',
    });
  }
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '');
  return new DatasetError(
    denied ? 'E_NOT_WRITABLE' : 'E_IO',
    `cannot write ${name}: ${formatErrno(error)}`,
    details,
  );
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function formatMegabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(1)} MB`;
}
