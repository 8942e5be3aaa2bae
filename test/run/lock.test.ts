import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { currentOwner, type Owner, parseOwner } from '../../setup/owner.mjs';
import { acquireLock } from '../../src/run/lock.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';

afterEach(() => vi.restoreAllMocks());

const holder = fileURLToPath(new URL('../support/lock-holder.mjs', import.meta.url));
const fileOf = (folder: string) => path.join(path.dirname(folder), `.${path.basename(folder)}.lock`);
const createTarget = () => path.join(createTempFolder(), 'net');

function writeLock(folder: string, owner: Owner): void {
  fs.writeFileSync(fileOf(folder), JSON.stringify(owner));
}

describe('a lock', () => {
  test('lies beside its folder, with its owner in it', () => {
    const folder = createTarget();
    acquireLock(folder);
    expect(parseOwner(fs.readFileSync(fileOf(folder), 'utf8'))).toEqual(currentOwner());
  });

  test('does not make the folder, but its parents', () => {
    const folder = path.join(createTarget(), 'deeper');
    acquireLock(folder);
    expect(fs.readdirSync(path.dirname(folder))).toEqual(['.deeper.lock']);
  });

  test('is the same for every way to write the folder', () => {
    const folder = createTarget();
    acquireLock(`${folder}/`);
    expect(catchError(() => acquireLock(`${folder}/../net`)).code).toBe('E_LOCKED');
  });

  test('can be taken again after its release', () => {
    const folder = createTarget();
    acquireLock(folder).release();
    expect(acquireLock(folder).takenOverFrom).toBeUndefined();
  });

  test('leaves nothing after its release', () => {
    const folder = createTarget();
    acquireLock(folder).release();
    expect(fs.readdirSync(path.dirname(folder))).toEqual([]);
  });

  test('that somebody else has taken over is not removed by a late release', () => {
    const folder = createTarget();
    const lock = acquireLock(folder);
    writeLock(folder, { ...currentOwner(), pid: 1 });
    lock.release();
    expect(fs.existsSync(fileOf(folder))).toBe(true);
  });

  test('that cannot be written leaves no empty file that would stop the next run', () => {
    const folder = createTarget();
    vi.spyOn(fs, 'writeFileSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('as a test wants it'), { code: 'ENOSPC' });
    });
    expect(catchError(() => acquireLock(folder))).toMatchObject({
      code: 'E_NOT_WRITABLE',
      message: 'cannot create .net.lock: the disk is full (ENOSPC)',
    });
    expect(fs.readdirSync(path.dirname(folder))).toEqual([]);
  });

  test('of a name that is too long says so', () => {
    const folder = path.join(createTempFolder(), 'x'.repeat(300));
    expect(catchError(() => acquireLock(folder)).code).toBe('E_NOT_WRITABLE');
  });
});

describe('a lock held by a living process', () => {
  test('is not broken, also with --break-lock, and says who, where and since when', async () => {
    const folder = createTarget();
    const { child, owner } = await hold(folder);
    const before = fs.readFileSync(fileOf(folder), 'utf8');
    expect(catchError(() => acquireLock(folder, { breakLock: true }))).toMatchObject({
      code: 'E_LOCKED',
      message: `another run holds ${folder}: pid ${child.pid} on ${os.hostname()} since ${owner.since}`,
      path: fileOf(folder),
      hint: 'Wait for it, stop it, or train into another folder:',
      retryWith: { resume: undefined, out: `${folder}-other` },
    });
    expect(fs.readFileSync(fileOf(folder), 'utf8')).toBe(before);
  });

  test('is free once that process has released it', async () => {
    const folder = createTarget();
    const { child } = await hold(folder);
    child.stdin?.end();
    await once(child, 'exit');
    expect(acquireLock(folder).takenOverFrom).toBeUndefined();
  });
});

describe('a lock left behind', () => {
  test('by kill -9 is taken over, with the pid reported, ten times of ten', async () => {
    const folder = createTarget();
    for (let round = 0; round < 10; round++) {
      const { child } = await hold(folder);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const lock = acquireLock(folder);
      expect(lock.takenOverFrom).toBe(child.pid);
      lock.release();
    }
  });

  test('by a process whose pid has gone to another is taken over', () => {
    const folder = createTarget();
    writeLock(folder, { ...currentOwner(), pid: process.ppid, startTime: '1' });
    expect(acquireLock(folder).takenOverFrom).toBe(process.ppid);
  });

  test('before a reboot is taken over, even if pid and start time fit', () => {
    const folder = createTarget();
    writeLock(folder, { ...currentOwner(), bootId: 'another boot' });
    expect(acquireLock(folder).takenOverFrom).toBe(process.pid);
  });

  test('on another machine is not taken over, and the way out is named', () => {
    const folder = createTarget();
    const owner = { ...currentOwner(), host: 'elsewhere', pid: 4, since: '2026-01-02T03:04:05.678Z' };
    writeLock(folder, owner);
    expect(catchError(() => acquireLock(folder))).toMatchObject({
      code: 'E_LOCKED',
      message: `another run holds ${folder}: pid 4 on elsewhere since 2026-01-02T03:04:05.678Z`,
      hint: 'Whether it is still running cannot be checked from here. If you are sure that it is not, add --break-lock.',
    });
  });

  test('on another machine is taken over with --break-lock', () => {
    const folder = createTarget();
    writeLock(folder, { ...currentOwner(), host: 'elsewhere', pid: 4 });
    expect(acquireLock(folder, { breakLock: true }).takenOverFrom).toBe(4);
  });

  test('cannot drive a terminal by its host name', () => {
    const folder = createTarget();
    writeLock(folder, { ...currentOwner(), host: '\u001b[2J', since: 'x' });
    expect(catchError(() => acquireLock(folder)).message).toBe(
      `another run holds ${folder}: pid ${process.pid} on \\x1b[2J since x`,
    );
  });
});

describe('a lock file that says nothing', () => {
  const malformed = [
    '',
    '{',
    '{"pid":1}',
    'null',
    '[]',
    '{"pid":-1,"startTime":"","bootId":"","host":"","since":""}',
  ];
  const setAge = (folder: string, ageMs: number) => {
    const at = new Date(Date.now() - ageMs);
    fs.utimesSync(fileOf(folder), at, at);
  };

  test.each(malformed)('and is fresh is being written: %s', (text) => {
    const folder = createTarget();
    fs.writeFileSync(fileOf(folder), text);
    expect(catchError(() => acquireLock(folder))).toMatchObject({
      code: 'E_LOCKED',
      message: `another run is just taking over the folder ${folder}`,
      hint: 'Its lock is still being written. Try again in 10 s.',
    });
  });

  test.each(malformed)('for 10 s is taken over, from nobody: %s', (text) => {
    const folder = createTarget();
    fs.writeFileSync(fileOf(folder), text);
    setAge(folder, 11_000);
    expect(acquireLock(folder).takenOverFrom).toBeUndefined();
  });

  test('is taken over where the clock was set back by a day', () => {
    const folder = createTarget();
    fs.writeFileSync(fileOf(folder), '');
    setAge(folder, -86_400_000);
    expect(acquireLock(folder).takenOverFrom).toBeUndefined();
  });
});

describe('two processes after one lock', () => {
  test.each(['free', 'left behind'])('that is %s: one gets it, ten times of ten', async (state) => {
    const winners: number[] = [];
    for (let round = 0; round < 10; round++) {
      const folder = createTarget();
      if (state !== 'free') writeLock(folder, { ...currentOwner(), startTime: '1' });
      const children = [await start(folder), await start(folder)];
      for (const child of children) child.stdin?.write('go\n');
      const answers = await Promise.all(children.map(readLine));
      winners.push(answers.filter((answer) => answer === 'held').length);
      for (const child of children) child.stdin?.end();
      const living = children.filter(({ exitCode }) => exitCode === null);
      await Promise.all(living.map((child) => once(child, 'exit')));
    }
    expect(winners).toEqual(Array(10).fill(1));
  });
});

/** A child that waits for a word before it takes the lock, and holds it until its input ends. */
async function start(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await readLine(child)).toBe('ready');
  return child;
}

async function hold(folder: string): Promise<{ readonly child: ChildProcess; readonly owner: Owner }> {
  const child = await start(folder);
  child.stdin?.write('go\n');
  expect(await readLine(child)).toBe('held');
  const owner = parseOwner(fs.readFileSync(fileOf(folder), 'utf8'));
  if (owner === undefined) throw new Error('the lock has no owner');
  return { child, owner };
}

async function readLine(child: ChildProcess): Promise<string> {
  const [chunk] = child.stdout === null ? [] : await once(child.stdout, 'data');
  return String(chunk).trim();
}
