import nodePath from 'node:path';
import { type Lock as FileLock, tryLock } from '../../setup/lock.mjs';
import { isElsewhere, isGone, type Owner } from '../../setup/owner.mjs';
import { escapeText, TrainerError } from '../core/errors.ts';
import { createFolder, fileError } from '../core/files.ts';

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
  let lock: FileLock | undefined;
  try {
    lock = tryLock(file, (owner, ageMs) => {
      if (owner !== undefined ? (isElsewhere(owner) ? breakLock : isGone(owner)) : ageMs > staleAfterMs)
        return true;
      throw owner === undefined ? beingTaken(folder, file) : held(owner, folder, file);
    });
  } catch (error) {
    throw fileError(error, 'create', file, 'E_NOT_WRITABLE');
  }
  if (lock === undefined) {
    throw new TrainerError('E_LOCKED', `the lock of ${escapeText(folder)} keeps changing hands`, {
      path: file,
    });
  }
  const { takenFrom, release } = lock;
  return takenFrom === undefined ? { release } : { takenOverFrom: takenFrom.pid, release };
}

function beingTaken(folder: string, file: string): TrainerError {
  return new TrainerError('E_LOCKED', `another run is just taking over the folder ${escapeText(folder)}`, {
    path: file,
    hint: 'Its lock is still being written. Try again in 10 s.',
  });
}

function held(owner: Owner, folder: string, file: string): TrainerError {
  const isOtherHost = isElsewhere(owner);
  return new TrainerError(
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
