import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import nodePath from 'node:path';
import { errnoOf, escapeText, TrainerError } from '../core/errors.ts';
import { createFolder, fileError, removeIfThere } from '../core/files.ts';
import { currentOwner, isElsewhere, isGone, parseOwner } from './owner.ts';

/** A folder that this process alone trains in. */
export interface Lock {
  /** The process that left the lock behind, where it was taken over. */
  readonly takenOverFrom?: number;
  readonly release: () => void;
}

const staleAfterMs = 10_000;

/**
 * Takes the lock of a model folder, `models/.net.lock` for `models/net`. It saves double work; that files stay whole does
 * not depend on it.
 *
 * @throws TrainerError `E_LOCKED` where a living process holds it, or one of another machine unless `breakLock`.
 */
export function acquireLock(folder: string, { breakLock = false } = {}): Lock {
  const target = nodePath.resolve(folder);
  const file = nodePath.join(nodePath.dirname(target), `.${nodePath.basename(target)}.lock`);
  createFolder(nodePath.dirname(file));
  let takenOverFrom: number | undefined;
  for (let attempt = 0; attempt < 10; attempt++) {
    const own = JSON.stringify(currentOwner());
    if (tryCreate(file, own)) {
      const release = () => {
        if (readText(file) === own) removeIfThere(file);
      };
      return takenOverFrom === undefined ? { release } : { takenOverFrom, release };
    }
    const text = readText(file);
    if (text === undefined) continue;
    takenOverFrom = checkAbandoned(text, { file, folder, breakLock });
    removeAbandoned(file, text);
  }
  throw new TrainerError('E_LOCKED', `the lock of ${escapeText(folder)} keeps changing hands`, {
    path: file,
  });
}

/** The pid of the dead owner; `undefined` where the lock does not say. @throws TrainerError `E_LOCKED` where the owner lives or cannot be judged. */
function checkAbandoned(
  text: string,
  {
    file,
    folder,
    breakLock,
  }: { readonly file: string; readonly folder: string; readonly breakLock: boolean },
): number | undefined {
  const owner = parseOwner(text);
  if (owner === undefined) {
    const ageMs = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (Math.abs(ageMs) > staleAfterMs) return undefined;
    throw new TrainerError('E_LOCKED', `another run is just taking over the folder ${escapeText(folder)}`, {
      path: file,
      hint: 'Its lock is still being written. Try again in 10 s.',
    });
  }
  const isOtherHost = isElsewhere(owner);
  if (isOtherHost ? breakLock : isGone(owner)) return owner.pid;
  throw new TrainerError(
    'E_LOCKED',
    `another run holds ${escapeText(folder)}: pid ${owner.pid} on ${escapeText(owner.host)} since ${escapeText(owner.since)}`,
    {
      path: file,
      hint: isOtherHost
        ? 'Whether it is still running cannot be checked from here. If you are sure that it is not, add --break-lock.'
        : 'Wait for it, stop it, or train into another folder:',
      ...(isOtherHost ? {} : { retryWith: { resume: undefined, out: `${folder}-other` } }),
    },
  );
}

/** Removes a lock unless somebody else has taken it over meanwhile: then theirs is put back. */
function removeAbandoned(file: string, text: string): void {
  const aside = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    fs.renameSync(file, aside);
    if (readText(aside) !== text) fs.linkSync(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(errnoOf(error) ?? '')) throw fileError(error, 'take over', file);
  } finally {
    removeIfThere(aside);
  }
}

function tryCreate(file: string, text: string): boolean {
  let handle: number;
  try {
    handle = fs.openSync(file, 'wx');
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw fileError(error, 'create', file, 'E_NOT_WRITABLE');
  }
  try {
    fs.writeFileSync(handle, text);
    return true;
  } catch (error) {
    removeIfThere(file);
    throw fileError(error, 'create', file, 'E_NOT_WRITABLE');
  } finally {
    fs.closeSync(handle);
  }
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fileError(error, 'read', file);
  }
}
