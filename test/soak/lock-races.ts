import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { currentOwner } from '../../setup/owner.mjs';
import { TrainerError } from '../../src/core/errors.ts';
import { acquireLock } from '../../src/run/lock.ts';
import type { SoakResult } from './result.ts';

const holder = fileURLToPath(new URL('../support/lock-holder.mjs', import.meta.url));

/**
 * Races for locks, each so many times: two processes after a free one and after one left behind, of which one must get it; the lock
 * of an owner killed by kill -9, or whose pid another process has now, must be taken over; that of a living owner never.
 */
export async function raceForLocks(folder: string, rounds: number): Promise<SoakResult> {
  const lost: string[] = [];
  const [name, file] = [path.join(folder, 'net'), path.join(folder, '.net.lock')];
  fs.mkdirSync(folder, { recursive: true });
  const leaveBehind = () => fs.writeFileSync(file, JSON.stringify({ ...currentOwner(), startTime: '1' }));
  for (let round = 1; round <= rounds; round++) {
    for (const state of ['free', 'left behind']) {
      if (state === 'left behind') leaveBehind();
      const holders = [await startHolder(name), await startHolder(name)];
      for (const child of holders) child.stdin?.write('go\n');
      const answers = await Promise.all(holders.map(readLine));
      const held = answers.filter((answer) => answer === 'held').length;
      if (held !== 1) lost.push(`round ${round}, a lock that is ${state}: ${answers.join(', ')}`);
      await Promise.all(holders.map(endHolder));
    }

    const owner = await startHolder(name);
    owner.stdin?.write('go\n');
    await readLine(owner);
    if (!isRefused(name)) lost.push(`round ${round}: the lock of a living owner was broken`);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    if (takeOver(name) !== owner.pid)
      lost.push(`round ${round}: the lock of a dead owner was not taken over`);
    leaveBehind();
    if (takeOver(name) !== process.pid) lost.push(`round ${round}: a pid of another process passed as owner`);
  }
  const tried = {
    'races for a free lock': rounds,
    'races for one left behind': rounds,
    'locks of dead owners': rounds,
    'locks with another pid': rounds,
    'locks of living owners': rounds,
  };
  return { seed: 0, tried, lost };
}

function takeOver(name: string): number | undefined {
  const lock = acquireLock(name);
  lock.release();
  return lock.takenOverFrom;
}

function isRefused(name: string): boolean {
  try {
    acquireLock(name, { breakLock: true });
    return false;
  } catch (error) {
    return error instanceof TrainerError && error.code === 'E_LOCKED';
  }
}

/** A process that waits for a word before it takes the lock, and holds it until its input ends. */
async function startHolder(name: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, name], { stdio: ['pipe', 'pipe', 'inherit'] });
  await readLine(child);
  return child;
}

async function endHolder(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null) await once(child, 'exit');
}

async function readLine(child: ChildProcess): Promise<string> {
  const [chunk] = child.stdout === null ? [] : await once(child.stdout, 'data');
  return String(chunk).trim();
}
