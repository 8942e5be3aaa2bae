import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMemoryFolder, createTempFolder } from '../support/folder.ts';
import { runProgram } from '../support/program.ts';
import { preload, runCli } from '../support/run-cli.ts';
import {
  fingerprint,
  goOn,
  listCheckpoints,
  listLeftOver,
  prepareTinyTraining,
} from '../support/tiny-training.ts';

const grounds = createMemoryFolder();
const words = prepareTinyTraining(grounds, ['--epochs=4', '--eval-every=3']);
const whole = path.join(grounds, 'net');

/** Trains with something done to the program at a call of node:fs. */
const disturb = (cwd: string, at: string, by: string, nodeFlags: readonly string[] = []) =>
  runCli(words, {
    cwd,
    before: 'ulimit -c 0',
    env: { KILL_AT: at, KILL_BY: by },
    nodeFlags: [...nodeFlags, ...preload('kill-at-call')],
  });

async function expectSameEnd(cwd: string): Promise<void> {
  await goOn(cwd, ['train', '--resume', 'net']);
  expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(whole));
}

beforeAll(async () => {
  expect((await runCli(words, { cwd: grounds })).exit).toBe(0);
});

test.concurrent('a training that is stopped for a second and continues ends with the same bits (H6)', async () => {
  const cwd = createMemoryFolder();
  const startedMs = performance.now();
  // The program stops itself in the middle of a save, and a shell of its own lets it go on.
  const { exit, stderr } = await disturb(
    cwd,
    'renameSync 2 \\.ckpt$',
    '(sleep 1; kill -CONT $PPID) & kill -STOP $PPID',
  );
  expect([exit, stderr.match(/error|timeout|warning/i)]).toEqual([0, null]);
  expect(performance.now() - startedMs).toBeGreaterThan(1000);
  expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(whole));
});

describe.concurrent('Ctrl-C during a save', () => {
  test.each([
    ['before its rename', 'renameSync 2 \\.ckpt$'],
    ["during the model's", 'renameSync 2 model\\.json$'],
  ])('%s: the save is whole, told, and nothing is left over (H7)', async (_, at) => {
    const cwd = createMemoryFolder();
    const folder = path.join(cwd, 'net');
    const { signal, stderr } = await disturb(cwd, at, 'SIGINT');
    const step = listCheckpoints(folder).at(-1);
    expect([signal, stderr.split('\n').slice(-3, -1), listLeftOver(folder)]).toEqual([
      'SIGINT',
      [`saved at step ${step} of 12; resume with:`, '  mnist-cnn train --resume net'],
      [],
    ]);
    await expectSameEnd(cwd);
  });
});

describe.concurrent('memory that runs out during a save', () => {
  test.each([
    ['of JavaScript, which V8 ends by SIGABRT', 'heap', 'SIGABRT'],
    ['of the machine, which the kernel ends by SIGKILL', 'SIGKILL', 'SIGKILL'],
  ])('%s: the run resumes from the save before (H9)', async (_, by, death) => {
    const cwd = createMemoryFolder();
    const { signal } = await disturb(cwd, 'renameSync 2 \\.ckpt$', by, ['--max-old-space-size=64']);
    expect([signal, listCheckpoints(path.join(cwd, 'net'))]).toEqual([death, [3]]);
    await expectSameEnd(cwd);
  });
});

describe.concurrent('a program that waits for what never comes', () => {
  test('ends as a bug and not with the 13 of Node (H12)', async () => {
    const cwd = createTempFolder();
    const { exit, stderr } = await runCli([...words, '-q'], { cwd, nodeFlags: preload('never-again') });
    // Newer Nodes warn of it before.
    const line = stderr.split('\n').find((each) => each.startsWith('mnist-cnn:'));
    expect([exit, line]).toEqual([
      1,
      expect.stringMatching(
        /^mnist-cnn: this is a bug in mnist-cnn \d+\.\d+\.\d+: it exited before its work was done$/,
      ),
    ]);
  });

  test('would fail any test that runs it (H12)', async () => {
    const cwd = createTempFolder();
    const program = path.join(cwd, 'waits.mjs');
    fs.writeFileSync(program, 'await new Promise(() => {});');
    await expect(runProgram([], { cwd, program })).rejects.toThrow('the program ended with 13');
  });
});
