import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { type CliResult } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const cwd = createTempFolder();
const dataset = writeDigitsFolder(60, 40);
const common = ['--batch-size=20', '--eval-every=3', '--eval-images=40', '-q'];

function train(name: string, ...words: readonly string[]): Promise<CliResult> {
  return runWarm(['train', `--dataset=${dataset}`, `--out=${name}`, ...common, ...words], { cwd });
}

let idle: CliResult;

beforeAll(async () => {
  idle = await train('idle', '--lr=1e-12', '--epochs=2');
});

describe('a training whose learning rate is far too high (I1)', () => {
  let result: CliResult;

  beforeAll(async () => {
    result = await train('high', '--lr=1e6', '--optimizer=sgd', '--epochs=50', '--checkpoint-every=1');
  });

  test('ends with 80 and names epoch, step and learning rate', () => {
    const [first, ...others] = result.stderr.trimEnd().split('\n');
    expect([result.exit, others]).toEqual([
      80,
      ['  The last checkpoint before that is kept. Try a smaller --lr, such as a tenth of this one.'],
    ]);
    expect(first).toMatch(
      /^mnist-cnn: training diverged in epoch \d+, step \d+, at learning rate 1000000: (the loss is|\S+\[\d+\] is) (NaN|-?Infinity)$/,
    );
  });

  test('leaves checkpoints that are all finite', () => {
    const folder = path.join(cwd, 'high', 'checkpoints');
    const { state, skipped } = loadNewestCheckpoint(folder);
    const values = [...state.weights, ...state.optimizer].flatMap((array) => [...array.values]);
    expect([values.every(Number.isFinite), skipped]).toEqual([true, []]);
  });

  test('writes no number that is not finite into the table', () => {
    expect(fs.readFileSync(path.join(cwd, 'high', 'results.csv'), 'utf8')).not.toMatch(/nan|inf/i);
  });
});

test('a training that learns nothing in two epochs ends with a warning (I4)', () => {
  expect([idle.exit, idle.stderr]).toEqual([
    0,
    expect.stringMatching(
      /^mnist-cnn: warning: the network has hardly been trained: 6 steps \(test accuracy [\d.]+ %, loss [\d.]+\); more --epochs may be all that it needs\n$/,
    ),
  ]);
});

test('a model below --min-accuracy is measured all the same, and exits with 81 (I5)', async () => {
  const words = ['eval', '--arch=cnn', '--untrained', `--dataset=${dataset}`, '--min-accuracy=0.99'];
  const { exit, stdout, stderr } = await runWarm(words, { cwd });
  const correct = Number(/, (\d+) of 40 right$/m.exec(stdout)?.[1]);
  expect([exit, stderr.split('\n')[1]]).toEqual([
    81,
    `mnist-cnn: the accuracy of untrained cnn is ${correct / 40}, below --min-accuracy 0.99`,
  ]);
});

describe('trainings with the same options (I7)', () => {
  /** The bits of weights and optimizer after a training with dropout. */
  async function trainedBits(name: string, seed: number): Promise<string> {
    const { exit } = await train(name, '--arch=convnet', '--validation=0', `--seed=${seed}`, '--max-steps=2');
    expect(exit).toBe(0);
    const { state } = loadNewestCheckpoint(path.join(cwd, name, 'checkpoints'));
    const arrays = [...state.weights, ...state.optimizer];
    return arrays
      .map(({ name: array, values }) => `${array} ${Buffer.from(values.buffer).toString('hex')}`)
      .join();
  }

  let first: string;
  let again: string;
  let other: string;

  beforeAll(async () => {
    const runs = [trainedBits('first', 0), trainedBits('again', 0), trainedBits('other', 1)] as const;
    [first, again, other] = await Promise.all(runs);
  });

  test('end in the same bits where the seed is the same, 0 included', () => {
    expect(first === again).toBe(true);
  });

  test('end in others where the seed is another', () => {
    expect(first === other).toBe(false);
  });
});

test('a picture is read alike alone and among others (I8)', async () => {
  const pictures = path.join(cwd, 'pictures');
  fs.mkdirSync(pictures);
  const names = Array.from({ length: 20 }, (_, index) => `${100 + index}.png`);
  names.forEach((name, index) => {
    fs.writeFileSync(path.join(pictures, name), encodePng(drawSeven(60 + index, 80)));
  });
  const read = async (operand: string): Promise<readonly PictureReading[]> => {
    const words = ['predict', '--model=idle', '--json', '--top-k=10', operand];
    const { stdout } = await runWarm(words, { cwd });
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as PictureReading); // the program's own output
  };
  const among = (await read('pictures'))[7];
  const [alone] = await read('pictures/107.png');
  expect([among?.file, among?.digit]).toEqual([alone?.file, alone?.digit]);
  expect(largestDifference(among, alone)).toBeLessThan(1e-5);
});

interface PictureReading {
  readonly file: string;
  readonly digit: number;
  readonly ranking: readonly { readonly digit: number; readonly score: number }[];
}

function largestDifference(one: PictureReading | undefined, other: PictureReading | undefined): number {
  const scores = (reading: PictureReading | undefined) =>
    Array.from({ length: 10 }, (_, digit) => reading?.ranking.find((entry) => entry.digit === digit)?.score);
  const [first, second] = [scores(one), scores(other)];
  return Math.max(
    ...first.map((score, digit) => Math.abs((score ?? Number.NaN) - (second[digit] ?? Number.NaN))),
  );
}
