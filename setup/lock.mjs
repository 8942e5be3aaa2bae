// A lock is a file with its owner in it, which only one process can create. It saves double work; that files stay whole does not
// depend on it.
import fs from 'node:fs';
import path from 'node:path';
import { currentOwner, isAlive, parseOwner } from './owner.mjs';

/** @typedef {import('./owner.mjs').Owner} Owner */

/**
 * A lock that this process holds.
 *
 * @typedef {object} Lock
 * @property {Owner} [takenFrom] Who left it behind, where it was taken over and says so.
 * @property {(programs: readonly import('./owner.mjs').Program[]) => void} note Notes the programs that work for its owner.
 * @property {() => void} release
 */

/**
 * Takes a lock, also one left behind. Whether that is so, `isAbandoned` decides by the owner and by how long the file was not touched;
 * without an owner it is half written, or by nobody. Gives `undefined` where it is held, or keeps changing hands.
 *
 * @param {string} file
 * @param {(owner: Owner | undefined, ageMs: number) => boolean} isAbandoned
 * @returns {Lock | undefined}
 */
export function tryLock(file, isAbandoned) {
  /** @type {Owner | undefined} */
  let takenFrom;
  for (let attempt = 0; attempt < 10; attempt++) {
    const own = JSON.stringify(currentOwner());
    if (create(file, own)) {
      removeLeftOver(file);
      return { ...(takenFrom && { takenFrom }), ...keep(file, own) };
    }
    const text = read(file);
    if (text === undefined) continue;
    const owner = parseOwner(text);
    const touchedMs = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    // A clock may have been set back.
    if (!isAbandoned(owner, Math.abs(Date.now() - touchedMs))) return undefined;
    takeAway(file, text);
    takenFrom = owner;
  }
  return undefined;
}

function create(file, text) {
  let handle;
  try {
    handle = fs.openSync(file, 'wx');
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  try {
    fs.writeFileSync(handle, text);
    return true;
  } catch (error) {
    remove(file);
    throw error;
  } finally {
    fs.closeSync(handle);
  }
}

// Renamed first: of two that find a dead owner one gets it, and a new owner's lock is put back.
function takeAway(file, text) {
  const aside = `${file}-gone-${process.pid}`;
  try {
    fs.renameSync(file, aside);
    if (read(aside) !== text) fs.linkSync(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(error.code)) throw error;
  } finally {
    remove(aside);
  }
}

function keep(file, text) {
  let own = text;
  const isOurs = () => {
    try {
      return read(file) === own;
    } catch {
      return false;
    }
  };
  return {
    note(programs) {
      if (!isOurs()) return;
      const next = JSON.stringify({ ...currentOwner(), programs });
      const temporary = `${file}-${process.pid}`;
      try {
        fs.writeFileSync(temporary, next);
        fs.renameSync(temporary, file);
        own = next;
      } catch {
        // The disk may be full: whoever needs it will say so.
        remove(temporary);
      }
    },
    release() {
      if (isOurs()) remove(file);
    },
  };
}

// What killed processes left half way to a lock or away from one: `setup.lock-123`, `setup.lock-gone-123`.
function removeLeftOver(file) {
  const folder = path.dirname(file);
  for (const name of list(folder)) {
    const pid = name.startsWith(`${path.basename(file)}-`) ? Number(/-(\d+)$/.exec(name)?.[1]) : Number.NaN;
    if (pid > 0 && !isAlive(pid)) remove(path.join(folder, name));
  }
}

function remove(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // What stays is that of a dead owner.
  }
}

function list(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
