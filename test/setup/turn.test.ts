import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { currentOwner } from '../../setup/owner.mjs';
import { takeTurn } from '../../setup/turn.mjs';
import { failAtCall } from '../support/fail-at-call.mjs';
import { createTempFolder } from '../support/folder.ts';

test('a free lock is taken, and gone when it is let go', async () => {
  const file = path.join(createTempFolder(), 'folder', 'lock');
  const lock = await takeTurn(file, silent());
  const wasThere = fs.existsSync(file);
  lock.release();
  expect([wasThere, fs.readdirSync(path.dirname(file))]).toEqual([true, []]);
});

test('the lock of a living owner is waited for, and the wait is reported', async () => {
  const file = path.join(createTempFolder(), 'lock');
  const first = await takeTurn(file, silent());
  const told: string[] = [];
  const say = (text: string) => {
    told.push(text);
    first.release();
  };
  (await takeTurn(file, { say })).release();
  expect(told).toEqual([`waiting for another setup (process ${process.pid})`]);
});

test('the lock of a dead owner is taken over', async () => {
  const file = path.join(createTempFolder(), 'lock');
  const dead = await startChild();
  fs.writeFileSync(file, await describe(dead));
  await end(dead);
  const lock = await takeTurn(file, silent());
  expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
  lock.release();
});

test('a process number that was given to another process is not a living owner', async () => {
  const file = path.join(createTempFolder(), 'lock');
  fs.writeFileSync(file, JSON.stringify({ ...currentOwner(), bootId: 'another boot' }));
  const lock = await takeTurn(file, silent());
  expect(JSON.parse(fs.readFileSync(file, 'utf8')).bootId).toBe(currentOwner().bootId);
  lock.release();
});

test('what dead processes left half way to the lock or away from it is removed with it, and nothing else (C7)', async () => {
  const file = path.join(createTempFolder(), 'lock');
  const dead = 2 ** 22 + 1;
  const kept = [`lock-${process.pid}`, 'lock-of-the-user', `other-${dead}`];
  for (const name of [...kept, `lock-${dead}`, `lock-gone-${dead}`]) {
    fs.writeFileSync(path.join(path.dirname(file), name), '');
  }
  const lock = await takeTurn(file, silent());
  lock.release();
  expect(fs.readdirSync(path.dirname(file))).toEqual(kept.sort());
});

test('a full disk while a program is noted is not reported: the work itself will report it', async () => {
  const file = path.join(createTempFolder(), 'lock');
  const lock = await takeTurn(file, silent());
  const { restore } = failAtCall({ folder: path.dirname(file), at: 2, errno: 'ENOSPC' });
  lock.adopt([process.pid]);
  restore();
  expect([fs.readdirSync(path.dirname(file)), JSON.parse(fs.readFileSync(file, 'utf8')).programs]).toEqual([
    ['lock'],
    undefined,
  ]);
  lock.adopt([process.pid]);
  expect(JSON.parse(fs.readFileSync(file, 'utf8')).programs).toHaveLength(1);
  lock.release();
});

test('programs that a dead owner left running are ended before the lock is taken over', async () => {
  const file = path.join(createTempFolder(), 'lock');
  const [owner, program] = [await startChild(), await startChild()];
  const { pid, startTime } = JSON.parse(await describe(program));
  fs.writeFileSync(
    file,
    JSON.stringify({ ...JSON.parse(await describe(owner)), programs: [{ pid, startTime }] }),
  );
  await end(owner);
  const ended = new Promise<string | null>((resolve) =>
    program.once('exit', (_code, signal) => resolve(signal)),
  );
  const lock = await takeTurn(file, silent());
  expect(await ended).toBe('SIGKILL');
  lock.release();
});

test.each([
  ['from another machine', JSON.stringify({ ...currentOwner(), host: 'elsewhere' })],
  ['that cannot be read', '{"pid":'],
])('a lock %s is taken over once nobody has touched it for a minute', async (_kind, content) => {
  const file = path.join(createTempFolder(), 'lock');
  fs.writeFileSync(file, content);
  const longAgo = new Date(Date.now() - 61_000);
  const told: string[] = [];
  const waiting = takeTurn(file, {
    say: (text: string) => {
      told.push(text);
      fs.utimesSync(file, longAgo, longAgo);
    },
  });
  (await waiting).release();
  expect(told).toHaveLength(1);
});

function silent(): { say: (text: string) => void } {
  return { say: () => undefined };
}

// A process that holds a lock of its own: what it writes there describes it.
async function startChild(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

async function describe({ pid }: ChildProcess): Promise<string> {
  const file = path.join(createTempFolder(), 'lock');
  const lock = await takeTurn(file, silent());
  lock.adopt([pid ?? 0]);
  const own = JSON.parse(fs.readFileSync(file, 'utf8'));
  lock.release();
  return JSON.stringify({ ...own, ...own.programs[0], programs: [] });
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
