import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeTensorFile } from '../../src/core/tensor-file.ts';
import { loadMetadata } from '../../src/model/saved-model.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliOptions, type CliResult, preload, runCli } from '../support/run-cli.ts';
import { readTable } from '../support/run-hash.ts';
import { runWarm } from '../support/warm-cli.ts';

let dataset = '';

/** Two epochs of five steps of the network convnet: dropout, Adam and validation all have a state to lose. */
const words = () => [
  'train',
  `--dataset=${dataset}`,
  '--arch=convnet',
  '--validation=20',
  '--batch-size=20',
  '--epochs=2',
  '--eval-every=2',
  '--eval-images=10',
  '--checkpoint-every=1',
];

const start = (cwd: string, options: CliOptions = {}) => runCli(words(), { cwd, ...options });
const resume = (cwd: string, ...more: readonly string[]) => runWarm(['train', '--resume', ...more], { cwd });

/** Weights, optimizer state and position of the last checkpoint, and the weights and the calibration of the model. */
function fingerprint(cwd: string): unknown {
  const folder = path.join(cwd, 'models/net/checkpoints');
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith('.ckpt'))
    .sort()
    .at(-1);
  const { header, arrays } = decodeTensorFile(readFileSync(path.join(folder, newest ?? '')), newest ?? '');
  const { elapsedMs: _, ...state } = header;
  return {
    state,
    arrays,
    model: readdirSync(path.join(cwd, 'models/net')).filter((name) => name.endsWith('.bin')),
    calibration: loadMetadata(path.join(cwd, 'models/net'))?.calibration,
  };
}

const tableOf = (cwd: string) => readTable(path.join(cwd, 'models/net'));

/** Sends a signal once stderr shows `sign`. */
const signalAt = (sign: string, signal: NodeJS.Signals): CliOptions => {
  let isSent = false;
  return {
    onStderr: (text, child) => {
      if (isSent || !text.includes(sign)) return;
      isSent = true;
      child.kill(signal);
    },
  };
};

const killAt = (call: string): CliOptions => ({
  env: { KILL_AT: call },
  nodeFlags: preload('kill-at-call'),
});

describe('mnist-cnn train --resume', () => {
  let whole = '';
  let stopped: CliResult;

  beforeAll(async () => {
    dataset = writeDigitsFolder(120, 20);
    whole = createTempFolder();
    stopped = await start(whole);
    expect(stopped.exit).toBe(0);
  });

  test.each([
    ['Ctrl-C after the untrained network was measured', () => signalAt('step 0/', 'SIGINT'), 'SIGINT'],
    ['Ctrl-C on a log point', () => signalAt('step 4/', 'SIGINT'), 'SIGINT'],
    ['SIGTERM after the epoch border', () => signalAt('step 6/', 'SIGTERM'), 'SIGTERM'],
    ['kill -9 in the middle', () => signalAt('step 6/', 'SIGKILL'), 'SIGKILL'],
    ['kill -9 before anything was saved', () => signalAt('step 0/', 'SIGKILL'), 'SIGKILL'],
    ['kill -9 during the first save, before its rename', () => killAt('renameSync 1 \\.ckpt$'), 'SIGKILL'],
    ['kill -9 when the fifth checkpoint is opened', () => killAt('openSync 5 \\.ckpt\\.tmp-'), 'SIGKILL'],
    ['kill -9 before the model is put in place', () => killAt('renameSync 2 model\\.json$'), 'SIGKILL'],
    ['kill -9 while an old checkpoint is removed', () => killAt('unlinkSync 2 \\.ckpt$'), 'SIGKILL'],
  ] as const)('ends with the same bits after %s (D31)', async (_, stop, signal) => {
    const cwd = createTempFolder();
    expect((await start(cwd, stop())).signal).toBe(signal);
    const resumed = await resume(cwd);
    expect(resumed.stderr + String(resumed.exit)).toMatch(/0$/);
    expect(fingerprint(cwd)).toEqual(fingerprint(whole));
    expect(tableOf(cwd)).toEqual(tableOf(whole));
    expect(
      readdirSync(path.join(cwd, 'models/net/checkpoints')).filter((name) => name.includes('.tmp-')),
    ).toEqual([]);
  });

  test('answers Ctrl-C at once and names the command to continue', async () => {
    const cwd = createTempFolder();
    const { stderr } = await start(cwd, signalAt('step 2/', 'SIGINT'));
    expect(stderr).toContain(
      'Stopping after this step and saving. Press Ctrl-C again to quit without saving.\n',
    );
    expect(stderr).toMatch(/saved at step \d+ of 10; resume with:\n {2}mnist-cnn train --resume\n$/);
  });

  test('adds epochs to a finished run, with the same bits as a longer run from the start', async () => {
    const cwd = createTempFolder();
    await runWarm([...words(), '--epochs=1'], { cwd });
    expect((await resume(cwd, '--epochs=2')).exit).toBe(0);
    expect(fingerprint(cwd)).toEqual(fingerprint(whole));
  });

  test('has nothing to do after the last step (D29)', async () => {
    const before = fingerprint(whole);
    const { exit, stderr } = await resume(whole);
    expect(exit).toBe(0);
    expect(stderr).toContain(
      'nothing to do: this run ended at step 10, after all of its 2 epochs. To continue:\n  mnist-cnn train --resume --epochs 3\n',
    );
    expect(fingerprint(whole)).toEqual(before);
  });

  test('refuses flags that would make it another run, old and new named (D19)', async () => {
    const { exit, stderr } = await resume(whole, '--lr=0.1', '--batch-size=10', '--seed=0');
    expect(exit).toBe(2);
    expect(stderr.split('\n')[0]).toBe(
      'mnist-cnn: cannot resume with options that differ from those the run was started with: --batch-size: 20 -> 10, --lr: 0.001 -> 0.1',
    );
  });

  test('lets the stored config stand in for environment and config file', async () => {
    const { exit } = await runWarm(['train', '--resume'], { cwd: whole, env: { MNIST_CNN_LR: '0.5' } });
    expect(exit).toBe(0);
  });

  test('refuses other data (D19)', async () => {
    const other = writeDigitsFolder(100, 20);
    const { exit, stderr } = await resume(whole, `--dataset=${other}`);
    expect(exit).toBe(2);
    expect(stderr).toContain('mnist-cnn: the train images differ from those the run was started on\n');
  });

  test('refuses to change the epochs of a run whose rate was spread over them', async () => {
    const cwd = createTempFolder();
    await runWarm([...words(), '--epochs=1', '--schedule=cosine'], { cwd });
    const { exit, stderr } = await resume(cwd, '--epochs=2');
    expect(exit).toBe(2);
    expect(stderr.split('\n')[0]).toBe(
      'mnist-cnn: cannot change --epochs from 1 to 2 in a run with the schedule cosine',
    );
  });

  test('says how to start where there is nothing to resume (D1)', async () => {
    const cwd = createTempFolder();
    const { exit, stderr } = await resume(cwd);
    expect(exit).toBe(66);
    expect(stderr).toBe(
      'mnist-cnn: no run to resume in models/net\n  file: models/net/config.json\n  Start one:\n    mnist-cnn train\n',
    );
    expect(existsSync(path.join(cwd, 'models'))).toBe(false);
  });

  test('refuses two different folders', async () => {
    const { exit, stderr } = await runWarm(['train', '--resume', 'models/a', '--out', 'models/b'], {
      cwd: whole,
    });
    expect(exit).toBe(2);
    expect(stderr).toBe(
      'mnist-cnn: --resume models/a and --out models/b name different folders; a run resumes in its own folder\n',
    );
  });
});
