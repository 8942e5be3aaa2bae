import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import { errnoOf, escapeText, TrainerError } from '../core/errors.ts';
import { createFolder, fileError, removeIfThere } from '../core/files.ts';

/** A folder that this process alone trains in. */
export interface Lock {
  /** The process that left the lock behind, where it was taken over. */
  readonly takenOverFrom?: number;
  readonly release: () => void;
}

/** Who holds a lock. A pid alone does not tell: it may belong to another process after a reboot. */
interface Owner {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
  readonly host: string;
  readonly since: string;
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
  throw new TrainerError('E_LOCKED', `the lock of ${escapeText(folder)} changes hands too fast`, {
    path: file,
  });
}

/** The pid of the dead owner. @throws TrainerError `E_LOCKED` where the owner lives or cannot be judged. */
function checkAbandoned(
  text: string,
  {
    file,
    folder,
    breakLock,
  }: { readonly file: string; readonly folder: string; readonly breakLock: boolean },
): number {
  const owner = parseOwner(text);
  if (owner === undefined) {
    const ageMs = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (Math.abs(ageMs) > staleAfterMs) return 0;
    throw new TrainerError('E_LOCKED', `another run is just taking the folder ${escapeText(folder)}`, {
      path: file,
      hint: 'Its lock is not written yet. Try again in 10 s.',
    });
  }
  const current = currentOwner();
  const isOtherHost = owner.host !== current.host;
  const isGone =
    !isOtherHost && (owner.bootId !== current.bootId || startTimeOf(owner.pid) !== owner.startTime);
  if (isGone || (isOtherHost && breakLock)) return owner.pid;
  throw new TrainerError(
    'E_LOCKED',
    `another run holds ${escapeText(folder)}: pid ${owner.pid} on ${escapeText(owner.host)} since ${escapeText(owner.since)}`,
    {
      path: file,
      hint: isOtherHost
        ? 'Whether it still runs cannot be seen from here. If it surely does not, add --break-lock.'
        : 'Wait for it, stop it, or train into another folder:',
      ...(isOtherHost ? {} : { command: 'mnist-cnn train --out models/other' }),
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
  try {
    fs.writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw fileError(error, 'create', file, 'E_NOT_WRITABLE');
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

function parseOwner(text: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(text);
    if (typeof owner !== 'object' || owner === null) return undefined;
    const { pid, startTime, bootId, host, since } = owner as Record<string, unknown>; // each is checked below
    const isWhole = [startTime, bootId, host, since].every((part) => typeof part === 'string');
    return isWhole && Number.isSafeInteger(pid) && (pid as number) > 0 ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}

let current: Owner | undefined;

function currentOwner(): Owner {
  current ??= {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    bootId: readBootId(),
    host: os.hostname(),
    since: new Date().toISOString(),
  };
  return current;
}

/** When a process started, in the system's own words; undefined where there is no such process. */
function startTimeOf(pid: number): string | undefined {
  try {
    // Linux: field 22 of the stat line, counted behind the command's name, which may hold spaces and brackets.
    const line = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    if (fs.existsSync('/proc/self/stat')) return undefined;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function readBootId(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
