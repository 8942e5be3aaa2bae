import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { currentOwner, type Owner } from '../../setup/owner.mjs';
import { readMetricsLog } from '../../src/run/metrics-log.ts';
import { createMemoryFolder } from '../support/folder.ts';
import { preload, programFile, runCli } from '../support/run-cli.ts';
import { fingerprint, goOn, prepareTinyTraining } from '../support/tiny-training.ts';

const grounds = createMemoryFolder();
const words = prepareTinyTraining(grounds, ['--epochs=2', '--eval-every=3']);
const whole = path.join(grounds, 'net');
const resumed = ['train', '--resume', 'net'];

/** A folder with a whole run and the lock of another beside it. */
function createLocked(lock: Owner | string): string {
  const cwd = createMemoryFolder();
  fs.cpSync(whole, path.join(cwd, 'net'), { recursive: true });
  fs.writeFileSync(path.join(cwd, '.net.lock'), typeof lock === 'string' ? lock : JSON.stringify(lock));
  return cwd;
}

const isLocked = (cwd: string) => fs.existsSync(path.join(cwd, '.net.lock'));

beforeAll(async () => {
  expect((await runCli(words, { cwd: grounds })).exit).toBe(0);
});

test.concurrent('the lock that kill -9 left is taken over, the dead pid is reported, and the run ends with the same bits (J2)', async () => {
  const cwd = createMemoryFolder();
  let pid: number | undefined;
  const { signal } = await runCli(words, {
    cwd,
    env: { KILL_AT: 'renameSync 2 \\.ckpt$' },
    nodeFlags: preload('kill-at-call'),
    onStderr: (_, child) => {
      pid = child.pid;
    },
  });
  expect([signal, isLocked(cwd)]).toEqual(['SIGKILL', true]);
  expect(await goOn(cwd, resumed)).toContain(`taking over from pid ${pid}, which is gone\n`);
  expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(whole));
});

test.concurrent.each([
  ['the pid of a living process that started at another time', { startTime: '1' }],
  ['pid and start time of a living process, but of another boot', { bootId: 'another boot' }],
])('a lock with %s is one left behind (J3)', async (_, given) => {
  const cwd = createLocked({ ...currentOwner(), ...given });
  expect(await goOn(cwd, resumed)).toContain(`taking over from pid ${process.pid}, which is gone\n`);
});

test.concurrent('a living owner is never taken for a dead one (J3)', async () => {
  const cwd = createLocked(currentOwner());
  const { exit, stderr } = await runCli([...resumed, '--break-lock', '-q'], { cwd });
  expect([exit, stderr.split('\n')[0], isLocked(cwd)]).toEqual([
    75,
    `mnist-cnn: another run holds net: pid ${process.pid} on ${os.hostname()} since ${currentOwner().since}`,
    true,
  ]);
});

describe.concurrent('the lock of another machine', () => {
  const owner = { ...currentOwner(), host: 'elsewhere', pid: 4, since: '2026-01-02T03:04:05.678Z' };

  test('is not broken, and the way out is reported (J4)', async () => {
    const cwd = createLocked(owner);
    const { exit, stderr } = await runCli([...words, '-q'], { cwd });
    expect([exit, stderr]).toEqual([
      75,
      [
        'mnist-cnn: another run holds net: pid 4 on elsewhere since 2026-01-02T03:04:05.678Z',
        `  file: ${path.join(cwd, '.net.lock')}`,
        '  Whether it is still running cannot be checked from here. If you are sure that it is not, add --break-lock.',
        '',
      ].join('\n'),
    ]);
    expect([fs.readFileSync(path.join(cwd, '.net.lock'), 'utf8'), fs.readdirSync(cwd).sort()]).toEqual([
      JSON.stringify(owner),
      ['.net.lock', 'net'],
    ]);
  });

  test('is taken over with --break-lock (J4)', async () => {
    const cwd = createLocked(owner);
    const { exit, stderr } = await runCli([...resumed, '--break-lock'], { cwd });
    expect([exit, stderr.includes('taking over from pid 4, which is gone\n'), isLocked(cwd)]).toEqual([
      0,
      true,
      false,
    ]);
  });
});

describe.concurrent.each(['', '{"pid":'])('a lock file that says "%s"', (text) => {
  test('is another that just starts, while it is fresh; after 10 s nobody (J5)', async () => {
    const cwd = createLocked(text);
    const fresh = await runCli([...resumed, '-q'], { cwd });
    expect([fresh.exit, fresh.stderr.split('\n')[0]]).toEqual([
      75,
      'mnist-cnn: another run is just taking over the folder net',
    ]);
    fs.utimesSync(path.join(cwd, '.net.lock'), 0, Date.now() / 1000 - 11);
    expect(await goOn(cwd, resumed)).not.toContain('taking over');
  });
});

describe.concurrent('where locks do nothing', () => {
  /** Runs the program, and has it run again, whole, in the middle of its second save. */
  async function nest(outer: readonly string[], inner: readonly string[], cwd: string) {
    const again = [process.execPath, ...preload('no-locks'), programFile, ...inner, '-q'].join(' ');
    return runCli(outer, {
      cwd,
      env: {
        KILL_AT: 'renameSync 2 \\.ckpt$',
        KILL_BY: `env -u KILL_AT ${again} > inner.txt 2>&1 || echo failed > inner.txt`,
      },
      nodeFlags: [...preload('no-locks'), ...preload('kill-at-call')],
    });
  }
  const innerWords = (cwd: string) => fs.readFileSync(path.join(cwd, 'inner.txt'), 'utf8');

  test('a training whose folder another one takes leaves both whole, and reports it (J8)', async () => {
    const cwd = createMemoryFolder();
    const { exit, stderr } = await nest([...words, '-q'], words, cwd);
    expect([exit, stderr.split('\n')[0], innerWords(cwd).split('\n')[0]]).toEqual([
      74,
      'mnist-cnn: the model folder net was removed or moved during training, at step 6',
      expect.stringMatching(/^trained 6 steps/),
    ]);
    expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(whole));
    await goOn(cwd, ['train', '--resume', 'net-1']);
    expect(fingerprint(path.join(cwd, 'net-1'))).toEqual(fingerprint(whole));
  });

  test('two that continue with one run at once do the work twice, to the same bits (J8)', async () => {
    const cwd = createMemoryFolder();
    const killed = { env: { KILL_AT: 'renameSync 1 \\.ckpt$' }, nodeFlags: preload('kill-at-call') };
    expect((await runCli(words, { ...killed, cwd })).signal).toBe('SIGKILL');
    const { exit } = await nest(resumed, resumed, cwd);
    expect([exit, innerWords(cwd).split('\n')[0]]).toEqual([0, expect.stringMatching(/^trained 6 steps/)]);
    expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(whole));
    expect(readMetricsLog(path.join(cwd, 'net', 'log.jsonl')).at(-1)).toMatchObject({
      event: 'ended',
      step: 6,
    });
  });
});
