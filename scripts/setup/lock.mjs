import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileError, SetupError } from './errors.mjs';

const pollMs = 200;
const beatMs = 5000;
// The owner of a lock on another machine cannot be looked at: one that was not touched this long is gone.
const silentMs = 60_000;
const maxWaitMs = 30 * 60_000;

/**
 * Takes the lock `file`, waiting for a living owner and taking over from a dead one. Gives the function that lets go.
 * The lock saves double work; that results are whole rests on renames. @throws SetupError `E_LOCKED` after half an hour.
 */
export async function takeLock(file, progress) {
  const own = JSON.stringify({ pid: process.pid, host: os.hostname(), started: startOf(process.pid) });
  const startedMs = performance.now();
  let told = false;
  for (;;) {
    if (create(file, own)) return keep(file, own);
    const found = read(file);
    if (found !== undefined && isGone(file, found)) {
      takeAway(file, found);
      continue;
    }
    const owner = parse(found ?? '');
    if (performance.now() - startedMs > maxWaitMs) {
      throw new SetupError(
        'E_LOCKED',
        `another set-up (process ${owner?.pid ?? '?'}) has worked for half an hour`,
        {
          path: file,
          hint: 'Wait for it, or end it and run set-up again:',
          command: 'mnist-cnn setup',
        },
      );
    }
    if (!told && found !== undefined)
      progress.say(`waiting for another set-up (process ${owner?.pid ?? '?'})`);
    told ||= found !== undefined;
    await wait(pollMs);
  }
}

function create(file, own) {
  // Linked into place whole: nobody reads a half-written lock.
  const temporary = `${file}-${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(temporary, own);
    fs.linkSync(temporary, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST' && error.syscall === 'link') return false;
    throw fileError(error, 'write to the cache', file);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function keep(file, own) {
  const beat = setInterval(() => {
    try {
      fs.utimesSync(file, new Date(), new Date());
    } catch {
      // Without a lock the work still ends whole.
    }
  }, beatMs);
  beat.unref();
  return () => {
    clearInterval(beat);
    if (read(file) === own) fs.rmSync(file, { force: true });
  };
}

function isGone(file, found) {
  const owner = parse(found);
  if (owner?.host === os.hostname()) {
    const started = startOf(owner.pid);
    return started === undefined || started !== owner.started;
  }
  const touchedMs = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - touchedMs > silentMs;
}

function takeAway(file, found) {
  // Renamed first: of two that find a dead owner, one gets it, and a new owner's lock is put back.
  const aside = `${file}-gone-${process.pid}`;
  try {
    fs.renameSync(file, aside);
    if (read(aside) !== found) fs.linkSync(aside, file);
  } catch {
    // Another one was faster.
  }
  fs.rmSync(aside, { force: true });
}

// Process number and start time together are never used twice, but for a reboot: the boot id tells those apart.
function startOf(pid) {
  try {
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[0] === 'Z' ? undefined : `${boot}/${fields[19]}`;
  } catch {
    return process.platform === 'linux' ? undefined : startElsewhere(pid);
  }
}

function startElsewhere(pid) {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return error.code === 'EPERM' ? 'alive' : undefined;
  }
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text) {
  try {
    const owner = JSON.parse(text);
    return typeof owner?.pid === 'number' ? owner : undefined;
  } catch {
    return undefined;
  }
}
