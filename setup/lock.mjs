// A lock is a file with its owner in it, which only one process can create. It saves double work; that files stay whole does not
// depend on it.
import fs from 'node:fs';
import path from 'node:path';
import { currentOwner, isAlive, parseOwner } from './owner.mjs';

/** @import { Owner, Program } from './owner.mjs' */
/** @typedef {NonNullable<ReturnType<typeof tryLock>>} Lock */

/**
 * Takes a lock, also one left behind. Whether that is so, `isAbandoned` decides by the owner and by how long the file was not touched;
 * without an owner it is half written, or by nobody. Gives `undefined` where it is held, or keeps changing hands.
 *
 * @param {string} file
 * @param {(owner: Owner | undefined, ageMs: number) => boolean} isAbandoned
 */
export function tryLock(file, isAbandoned) {
  /** @type {Owner | undefined} */
  let takenFrom;
  for (let attempt = 0; attempt < 10; attempt++) {
    const own = JSON.stringify(currentOwner());
    if (create(file, own)) {
      removeLeftOver(file);
      return { takenFrom, ...keep(file, own) };
    }
    const text = read(file);
    if (text === undefined) continue;
    const owner = parseOwner(text);
    const touchedMs = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
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
    /** Notes the programs that work for the owner. */
    note: (/** @type {readonly Program[]} */ programs) => {
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
    release: () => {
      if (isOurs()) remove(file);
    },
  };
}

// What killed processes left half way to a lock or away from one: `setup.lock-123`, `setup.lock-gone-123`.
function removeLeftOver(file) {
  const folder = path.dirname(file);
  try {
    for (const name of fs.readdirSync(folder)) {
      const pid = name.startsWith(`${path.basename(file)}-`) ? Number(/-(\d+)$/.exec(name)?.[1]) : 0;
      if (pid > 0 && !isAlive(pid)) remove(path.join(folder, name));
    }
  } catch {
    // It is in nobody's way.
  }
}

function remove(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // What stays is that of a dead owner.
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
