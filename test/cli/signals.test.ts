import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { readMetricsLog } from '../../src/run/metrics-log.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { type CliOptions, type CliResult, createTempFolder, runCli } from '../support/run-cli.ts';

const stopWords = 'Stopping after this step and saving. Press Ctrl-C again to quit without saving.';
const dataset = writeDigitsFolder(600, 20);

type Child = Parameters<NonNullable<CliOptions['onStderr']>>[1];

/** A training that would take minutes, with what is done to it when `cue` shows on stderr. */
async function disturb(cue: string, action: (child: Child) => void, words: readonly string[] = []) {
  const cwd = createTempFolder();
  const common = ['--epochs=10000', '--batch-size=20', '--eval-every=1000000', '--eval-images=20'];
  let doneMs = Number.NaN;
  let answeredMs = Number.NaN;
  const result = await runCli(['train', `--dataset=${dataset}`, ...common, ...words], {
    cwd,
    onStderr: (text, child) => {
      if (Number.isNaN(doneMs) && text.includes(cue)) {
        doneMs = performance.now();
        action(child);
      }
      if (Number.isNaN(answeredMs) && text.includes(stopWords)) answeredMs = performance.now();
    },
  });
  const folder = path.join(cwd, 'models', 'net');
  return { ...result, folder, answerMs: answeredMs - doneMs, endMs: performance.now() - doneMs };
}

const newest = (folder: string) => {
  const { state, skipped } = loadNewestCheckpoint(path.join(folder, 'checkpoints'));
  return { step: state.step, skipped };
};

describe('Ctrl-C in a training (H1)', () => {
  let result: Awaited<ReturnType<typeof disturb>>;
  let step: number;

  beforeAll(async () => {
    result = await disturb('\nstep 0/', (child) => child.kill('SIGINT'));
    step = Number(/^saved at step (\d+) of 300000;/m.exec(result.stderr)?.[1]);
  });

  test('ends it by that signal, so that shells see 130, within 10 s', () => {
    expect([result.exit, result.signal]).toEqual([null, 'SIGINT']);
    expect(result.endMs).toBeLessThan(10_000);
  });

  test('is answered within a second, also on a machine in use', () => {
    expect(result.answerMs).toBeLessThan(1000);
  });

  test('reports what is saved and how to continue', () => {
    expect(result.stderr.split('\n').slice(-4)).toEqual([
      stopWords,
      `saved at step ${step} of 300000; resume with:`,
      '  mnist-cnn train --resume',
      '',
    ]);
  });

  test('leaves a whole checkpoint of the step at hand', () => {
    expect(newest(result.folder)).toEqual({ step, skipped: [] });
  });

  test('is the end in the log', () => {
    const last = readMetricsLog(path.join(result.folder, 'log.jsonl')).at(-1);
    expect(last).toMatchObject({ event: 'ended', reason: 'interrupted', step });
  });

  test('leaves no lock', () => {
    expect(fs.readdirSync(path.dirname(result.folder))).toEqual(['net']);
  });
});

test('a second Ctrl-C ends a training at once, with the last durable checkpoint (H2)', async () => {
  // One long step an epoch, on the slow path: both signals wait when it ends.
  const interruptTwice = (child: Child) => {
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGINT'), 30);
  };
  const words = ['--batch-size=600', '--eval-every=1', '--kernels=stock'];
  const { signal, stderr, folder } = await disturb('\nstep 2/', interruptTwice, words);
  expect([signal, stderr.split('\n').at(-2), newest(folder).skipped]).toEqual(['SIGINT', stopWords, []]);
  expect(stderr).not.toContain('saved at step');
});

test('Ctrl-C before the first step says that nothing was trained, and how to begin again (H1)', async () => {
  const { signal, stderr, folder } = await disturb('steps per epoch', (child) => child.kill('SIGINT'));
  expect([signal, stderr.split('\n').slice(-3)]).toEqual([
    'SIGINT',
    ['stopped before the first of 300000 steps; resume with:', '  mnist-cnn train --resume', ''],
  ]);
  expect(fs.existsSync(path.join(folder, 'checkpoints'))).toBe(false);
});

test('SIGTERM saves, too, and ends with that signal (H3)', async () => {
  const { signal, stderr, folder } = await disturb('\nstep 0/', (child) => child.kill('SIGTERM'));
  const step = Number(/^saved at step (\d+) of/m.exec(stderr)?.[1]);
  expect([signal, newest(folder)]).toEqual(['SIGTERM', { step, skipped: [] }]);
});

test('a terminal that goes away ends a training with SIGHUP and a checkpoint (H4)', async () => {
  const { signal, folder } = await disturb('\nstep 0/', (child) => {
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill('SIGHUP');
  });
  const last = readMetricsLog(path.join(folder, 'log.jsonl')).at(-1);
  expect([signal, newest(folder).skipped, last]).toMatchObject([
    'SIGHUP',
    [],
    { event: 'ended', reason: 'interrupted', step: newest(folder).step },
  ]);
});

describe('commands that read a model', () => {
  const cwd = createTempFolder();
  const pictures = path.join(cwd, 'pictures');

  /** Runs a command and interrupts it at `cue`. */
  async function interrupt(cue: string, words: readonly string[]): Promise<CliResult & { endMs: number }> {
    let sentMs = Number.NaN;
    const result = await runCli(words, {
      cwd,
      onStderr: (text, child) => {
        if (!Number.isNaN(sentMs) || !text.includes(cue)) return;
        sentMs = performance.now();
        child.kill('SIGINT');
      },
    });
    return { ...result, endMs: performance.now() - sentMs };
  }

  beforeAll(async () => {
    const words = [`--dataset=${dataset}`, '--max-steps=1', '--eval-images=10', '--out=net', '-q'];
    expect(await runCli(['train', ...words], { cwd })).toMatchObject({ exit: 0 });
    fs.mkdirSync(pictures);
    const picture = encodePng(drawSeven(48, 60));
    for (let index = 100; index < 500; index++)
      fs.writeFileSync(path.join(pictures, `b${index}.png`), picture);
    fs.writeFileSync(path.join(pictures, 'a.png'), 'no picture');
  });

  test('eval ends at Ctrl-C within 1 s and leaves no output (H8)', async () => {
    const words = ['eval', '--model=net', `--dataset=${dataset}`, '--out-dir=results'];
    const { signal, stdout, endMs } = await interrupt('measuring', words);
    expect([signal, stdout, fs.existsSync(path.join(cwd, 'results'))]).toEqual(['SIGINT', '', false]);
    expect(endMs).toBeLessThan(1000);
  });

  test('predict ends at Ctrl-C within 1 s, between two pictures (H8)', async () => {
    const words = ['predict', '--model=net', '--csv', 'pictures'];
    const { signal, stdout, stderr, endMs } = await interrupt('a.png', words);
    expect([signal, stderr.split('\n')[1]]).toEqual(['SIGINT', 'Stopping.']);
    expect(stdout.split('\n').length).toBeLessThan(400);
    expect(stdout).toMatch(/\n$/);
    expect(endMs).toBeLessThan(1000);
  });
});
