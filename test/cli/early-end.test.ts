import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { readMetricsLog } from '../../src/run/metrics-log.ts';
import { createTempFolder } from '../support/folder.ts';
import { prepareTinyTraining } from '../support/tiny-training.ts';
import { runWarm } from '../support/warm-cli.ts';

const cwd = createTempFolder();
const run = (...words: readonly string[]) => runWarm(words, { cwd });

/** With two batches an epoch the network soon is at its best: patience ends the run long before its 200 epochs. */
const validated = ['--validation=20', '--epochs=200', '--eval-every=2', '--lr=0.1', '--keep=2'];
const train = (out: string, ...more: readonly string[]) =>
  run(...prepareTinyTraining(cwd, validated), `--out=${out}`, '--json', ...more);
const resume = (from: string, to: string, ...more: readonly string[]) => {
  fs.cpSync(path.join(cwd, from), path.join(cwd, to), { recursive: true });
  return run('train', '--resume', to, '--json', ...more);
};

describe('a run that --patience has ended', () => {
  let end: Record<string, number>;

  beforeAll(async () => {
    const { exit, stdout } = await train('patient', '--patience=3');
    end = JSON.parse(stdout);
    expect([exit, end['reason'], Number(end['steps']) < 400]).toEqual([0, 'patience', true]);
  });

  test('reports step, epoch and scores of the weights that it keeps', () => {
    const points = readMetricsLog(path.join(cwd, 'patient', 'log.jsonl')).filter(
      ({ event }) => event === 'step',
    );
    const kept = points.find((point) => point.event === 'step' && point.step === end['step']);
    const metadata = JSON.parse(fs.readFileSync(path.join(cwd, 'patient', 'metadata.json'), 'utf8'));
    expect(Number(end['steps']) - Number(end['step'])).toBe(6);
    expect(kept).toMatchObject({ epoch: end['epoch'], validation: end['validation'] });
    expect({ ...metadata.trained, scores: metadata.scores }).toMatchObject({
      steps: end['step'],
      epochs: end['epoch'],
      scores: { test: end['test'], validation: { ...(end['validation'] as unknown as object), images: 20 } },
    });
  });

  test('names them in the title of its curves', () => {
    const svg = fs.readFileSync(path.join(cwd, 'patient', 'curves.svg'), 'utf8');
    expect(svg).toContain(` % after ${end['step']} of ${end['steps']} steps`);
  });

  test('holds the weights that it reports on', async () => {
    const { stdout } = await run('eval', '--model', 'patient', '--images', '10', '--json');
    const { accuracy } = (end as unknown as { test: { accuracy: number } }).test;
    expect(JSON.parse(stdout).accuracy).toBe(accuracy);
  });

  test('has nothing to do, and says how to continue', async () => {
    const { exit, stderr } = await resume('patient', 'idle');
    expect([exit, stderr]).toEqual([
      0,
      expect.stringContaining(
        `\nnothing to do: this run ended at step ${end['steps']}, after 3 epochs without a better validation accuracy (--patience). To continue:\n` +
          '  mnist-cnn train --resume idle --patience 6\n',
      ),
    ]);
  });

  test.each([
    ['--patience', '5', 10],
    ['--epochs', '300', 6],
  ])('continues with %s %s, and counts the epochs from zero', async (flag, value, steps) => {
    const { exit, stdout } = await resume('patient', `on${flag}`, flag, value);
    const { best, ...ended } = JSON.parse(stdout);
    const from = Math.max(best.step, Number(end['steps']));
    expect([exit, ended.reason, ended.steps]).toEqual([0, 'patience', from + steps]);
  });

  test('continues with the same bits after a stop on that way', async () => {
    await resume('patient', 'parted', '--patience', '5', '--max-steps', String(Number(end['steps']) + 3));
    await run('train', '--resume', 'parted', '--max-steps', '400', '--json');
    const [whole, parted] = ['on--patience', 'parted'].map(
      (name) => loadNewestCheckpoint(path.join(cwd, name, 'checkpoints')).state,
    );
    expect([parted?.step, parted?.weights]).toEqual([whole?.step, whole?.weights]);
  });
});

describe('a run that --target-acc has ended', () => {
  beforeAll(async () => {
    expect(await train('aimed', '--target-acc=0.2')).toMatchObject({ exit: 0 });
  });

  test('continues to its epochs without the target, and says so', async () => {
    const { exit, stdout, stderr } = await resume('aimed', 'beyond', '--epochs', '60');
    expect([exit, JSON.parse(stdout).reason, stderr]).toEqual([
      0,
      'finished',
      expect.stringMatching(/^--target-acc 0\.2 was reached at step \d+: continuing without it\n/),
    ]);
  });

  test('continues to a higher target', async () => {
    const { stdout } = await resume('aimed', 'higher', '--target-acc', '0.3', '--max-steps', '100');
    expect(JSON.parse(stdout).best.accuracy).toBeGreaterThanOrEqual(0.3);
  });
});
