import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

/**
 * Who holds a lock. A pid alone is not enough: it may belong to another process after a reboot.
 *
 * @typedef {{ pid: number, startTime: string }} Program
 * @typedef {Program & { bootId: string, host: string, since: string, programs?: readonly Program[] }} Owner
 */

/** @type {Owner | undefined} */
let current;

/** This process as an owner. */
export function currentOwner() {
  current ??= {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    bootId: readBootId(),
    host: os.hostname(),
    since: new Date().toISOString(),
  };
  return current;
}

/** Reads an owner out of a lock file; `undefined` where the text is cut off or no owner at all. */
export function parseOwner(/** @type {string} */ text) {
  try {
    /** @type {Owner} */
    const owner = JSON.parse(text);
    const { pid, startTime, bootId, host, since, programs = [] } = owner;
    const isWhole = [startTime, bootId, host, since].every((part) => typeof part === 'string');
    return isWhole && Number.isSafeInteger(pid) && pid > 0 && Array.isArray(programs) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an owner runs on another machine, where nothing can be seen of it. */
export function isElsewhere(/** @type {Owner} */ owner) {
  return owner.host !== currentOwner().host;
}

/** Whether an owner on this machine has ended, even if its pid now belongs to another process. */
export function isGone(/** @type {Program & { bootId: string }} */ owner) {
  return owner.bootId !== currentOwner().bootId || startTimeOf(owner.pid) !== owner.startTime;
}

/** When a living process started, in the system's own words; undefined where there is none. */
export function startTimeOf(/** @type {number} */ pid) {
  try {
    // Linux: fields 3 and 22 of the stat line, counted behind the command's name, which may hold spaces and brackets.
    const line = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not asked for its exit code yet.
    return ['Z', 'X'].includes(fields[0] ?? '') ? undefined : fields[19];
  } catch {
    if (fs.existsSync('/proc/self/stat')) return undefined;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process with this number runs, whichever it is. */
export function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readBootId() {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
