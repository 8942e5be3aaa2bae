import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

/**
 * Who holds a lock. A pid alone is not enough: it may belong to another process after a reboot.
 *
 * @typedef {object} Owner
 * @property {number} pid
 * @property {string} startTime
 * @property {string} bootId
 * @property {string} host
 * @property {string} since
 * @property {readonly Program[]} [programs] What works for it, and is to be ended where it is gone.
 */
/** @typedef {{ readonly pid: number, readonly startTime: string }} Program */

/** @type {Owner | undefined} */
let current;

/**
 * This process as an owner.
 *
 * @returns {Owner}
 */
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

/**
 * Reads an owner out of a lock file; `undefined` where the text is cut off or no owner at all.
 *
 * @param {string} text
 * @returns {Owner | undefined}
 */
export function parseOwner(text) {
  try {
    const owner = JSON.parse(text);
    const { pid, startTime, bootId, host, since, programs = [] } = owner;
    const isWhole = [startTime, bootId, host, since].every((part) => typeof part === 'string');
    return isWhole && Number.isSafeInteger(pid) && pid > 0 && Array.isArray(programs) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether an owner runs on another machine, where nothing can be seen of it.
 *
 * @param {Owner} owner
 */
export function isElsewhere(owner) {
  return owner.host !== currentOwner().host;
}

/**
 * Whether an owner on this machine has ended, even if its pid now belongs to another process.
 *
 * @param {Pick<Owner, 'pid' | 'startTime' | 'bootId'>} owner
 */
export function isGone(owner) {
  return owner.bootId !== currentOwner().bootId || startTimeOf(owner.pid) !== owner.startTime;
}

/**
 * When a living process started, in the system's own words; undefined where there is none.
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startTimeOf(pid) {
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

/**
 * Whether a process with this number runs, whichever it is.
 *
 * @param {number} pid
 */
export function isAlive(pid) {
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
