import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setupCommand } from './command.mjs';
import { fileError, SetupError } from './errors.mjs';
import { tryLock } from './lock.mjs';
import { isElsewhere, isGone, startTimeOf } from './owner.mjs';

const pollMs = 200;
const beatMs = 5000;
// The owner of a lock on another machine cannot be looked at: one that was not touched this long is gone.
const silentMs = 60_000;
const maxWaitMs = 30 * 60_000;

/**
 * Takes the lock `file`, waiting for a living owner and taking over from a dead one, whose programs it ends. Gives
 * `release`, and `adopt` to note the programs that work for the owner. @throws SetupError `E_LOCKED` after half an hour.
 */
export async function takeTurn(
  /** @type {string} */ file,
  /** @type {{ say(text: string): void }} */ progress,
) {
  const startedMs = performance.now();
  let reported = false;
  for (;;) {
    const { lock, pid = '?' } = take(file);
    if (lock !== undefined) {
      await endPrograms(lock.takenFrom);
      return keep(file, lock);
    }
    if (performance.now() - startedMs > maxWaitMs) {
      throw new SetupError('E_LOCKED', `another setup (process ${pid}) has been running for half an hour`, {
        path: file,
        hint: 'Wait for it, or end it and run setup again:',
        command: setupCommand(),
      });
    }
    if (!reported) progress.say(`waiting for another setup (process ${pid})`);
    reported = true;
    await wait(pollMs);
  }
}

// Gives the lock, or the process that holds it.
function take(file) {
  let pid;
  const isAbandoned = (owner, ageMs) => {
    pid = owner?.pid;
    return owner === undefined || isElsewhere(owner) ? ageMs > silentMs : isGone(owner);
  };
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    return { lock: tryLock(file, isAbandoned), pid };
  } catch (error) {
    throw fileError(error, 'take the lock of setup', file);
  }
}

function keep(file, lock) {
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
    adopt(/** @type {readonly number[]} */ programs) {
      lock.note(programs.map((pid) => ({ pid, startTime: startTimeOf(pid) ?? '' })));
    },
    release() {
      clearInterval(beat);
      lock.release();
    },
  };
}

// A program outlives a killed owner: two npm in one folder would leave neither's work whole.
async function endPrograms(owner) {
  for (const { pid, startTime } of owner?.programs ?? []) {
    const isRunning = () => startTime !== '' && !isGone({ pid, startTime, bootId: owner.bootId });
    if (isRunning()) killIfThere(pid);
    while (isRunning()) await wait(20);
  }
}

function killIfThere(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
