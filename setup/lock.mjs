import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setupCommand } from './command.mjs';
import { fileError, SetupError } from './errors.mjs';

const pollMs = 200;
const beatMs = 5000;
// The owner of a lock on another machine cannot be looked at: one that was not touched this long is gone.
const silentMs = 60_000;
const maxWaitMs = 30 * 60_000;

/**
 * Takes the lock `file`, waiting for a living owner and taking over from a dead one, whose programs it ends. Gives
 * `release`, and `adopt` to note the programs that work for the owner. @throws SetupError `E_LOCKED` after half an hour.
 */
export async function takeLock(file, progress) {
  const startedMs = performance.now();
  let reported = false;
  for (;;) {
    if (create(file, describeOwner([]))) {
      removeLeftOver(file);
      return keep(file);
    }
    const found = read(file);
    if (found !== undefined && isGone(file, found)) {
      if (takeAway(file, found)) await endPrograms(parse(found)?.programs ?? []);
      continue;
    }
    const owner = parse(found ?? '');
    if (performance.now() - startedMs > maxWaitMs) {
      throw new SetupError(
        'E_LOCKED',
        `another set-up (process ${owner?.pid ?? '?'}) has been running for half an hour`,
        {
          path: file,
          hint: 'Wait for it, or end it and run set-up again:',
          command: setupCommand(),
        },
      );
    }
    if (!reported && found !== undefined)
      progress.say(`waiting for another set-up (process ${owner?.pid ?? '?'})`);
    reported ||= found !== undefined;
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
    throw fileError(error, 'take the lock of set-up', file);
  } finally {
    remove(temporary);
  }
}

function describeOwner(programs) {
  return JSON.stringify({
    pid: process.pid,
    host: os.hostname(),
    started: startOf(process.pid),
    programs: programs.map((pid) => ({ pid, started: startOf(pid) })),
  });
}

function keep(file) {
  let own = read(file);
  const beat = setInterval(() => {
    try {
      fs.utimesSync(file, new Date(), new Date());
    } catch {
      // Without a lock the work still ends whole.
    }
  }, beatMs);
  beat.unref();
  return {
    file,
    adopt(programs) {
      if (read(file) !== own) return;
      const next = describeOwner(programs);
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
      clearInterval(beat);
      // One that stays is that of a dead owner.
      if (read(file) === own) remove(file);
    },
  };
}

// What killed set-ups left half way to a lock or away from one: `setup.lock-123`, `setup.lock-gone-123`.
function removeLeftOver(file) {
  const folder = path.dirname(file);
  for (const name of list(folder)) {
    const pid = name.startsWith(`${path.basename(file)}-`) ? Number(/-(\d+)$/.exec(name)?.[1]) : Number.NaN;
    if (pid > 0 && startOf(pid) === undefined) remove(path.join(folder, name));
  }
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
    if (read(aside) === found) return true;
    fs.linkSync(aside, file);
  } catch {
    // Another one was faster.
  } finally {
    remove(aside);
  }
  return false;
}

// A program outlives a killed owner: two npm in one folder would leave neither's work whole.
async function endPrograms(programs) {
  for (const { pid, started } of programs) {
    if (started === undefined || startOf(pid) !== started) continue;
    killIfThere(pid);
    while (startOf(pid) === started) await wait(20);
  }
}

function killIfThere(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

// Process number and start time together are never used twice, but for a reboot: the boot id distinguishes those.
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

function remove(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // What came before is what counts.
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
