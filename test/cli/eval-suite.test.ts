import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliResult } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const folder = createTempFolder();
const digits = writeDigitsFolder(60, 40);
const untrained = ['--arch', 'conv3x3', '--untrained'];

function evaluate(...words: readonly string[]): Promise<CliResult> {
  return runWarm(['eval', '--suite', '--dataset', digits, ...words], { cwd: folder });
}

describe('eval --suite', () => {
  let result: CliResult;

  beforeAll(async () => {
    result = await evaluate(...untrained, '--out-dir', 'measured');
  });

  test('says what it measures and writes', () => {
    const names = ['confusion_matrix.csv', 'confusion_matrix.svg', 'confusion_matrix.png', 'reliability.svg'];
    const more = ['reliability.png', 'errors.csv', 'errors.png'];
    const suite = ['suite.csv', 'suite.svg', 'suite.png', 'suite-images.png'];
    expect([result.exit, result.stderr.split('\n').slice(0, 3)]).toEqual([
      0,
      [
        'measuring untrained conv3x3 on 40 test images',
        'measuring 40 changed images, in eight ways with five strengths each',
        `wrote ${[...names, ...more, ...suite].map((name) => `measured/${name}`).join(', ')}`,
      ],
    ]);
  });

  test('prints the report first, and then the accuracy for each kind, its strengths, and the means', () => {
    const accuracies = '( +\\d+\\.\\d %){6}';
    const rows = [
      'shift +1 to 5 pixels',
      'rotation +10 to 50 degrees',
      'scale +10 to 50 %',
      'blur +0\\.5 to 2\\.5 pixels',
      'noise +25 to 125 levels',
      'stroke width +0\\.4 to 2 pixels',
      'occlusion +2 to 10 pixels',
      'inversion +20 to 100 %',
      'mean',
    ];
    const title = 'accuracy on 40 changed test images, \\d+\\.\\d\\d % unchanged';
    const table = [
      title,
      'change +strength +1 +2 +3 +4 +5 +mean',
      ...rows.map((row) => `${row}${accuracies}`),
    ];
    expect(result.stdout).toMatch(new RegExp(`^label [^]*\\n\\n${table.join('\\n')}\\n$`, 'm'));
  });

  test('writes as many measurements as it makes, and the unchanged images once for each kind', () => {
    const lines = fs
      .readFileSync(path.join(folder, 'measured', 'suite.csv'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.length).toBe(1 + 8 * 6);
  });

  test('fits a terminal of 80 columns', () => {
    const table = result.stdout.slice(result.stdout.indexOf('accuracy on 40 changed'));
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('eval --suite --json', () => {
  interface Measured {
    readonly correct: number;
    readonly suite: {
      readonly images: number;
      readonly mean: number;
      readonly unchanged: { readonly correct: number };
      readonly corruptions: readonly {
        readonly mean: number;
        readonly points: readonly { readonly accuracy: number; readonly correct: number }[];
      }[];
    };
    readonly files: readonly string[];
  }

  const report = async (): Promise<Measured> =>
    JSON.parse((await evaluate(...untrained, '--images', '10', '--json', '-q')).stdout);

  test('has the measurements of the images asked for next to the report, and writes no files', async () => {
    const { correct, suite, files } = await report();
    const points = suite.corruptions.flatMap((kind) => kind.points);
    expect([suite.images, suite.unchanged.correct, points.length, files]).toEqual([10, correct, 40, []]);
    expect(points.every((point) => point.accuracy === point.correct / 10)).toBe(true);
  });

  test('has the mean over all kinds and strengths', async () => {
    const { suite } = await report();
    const points = suite.corruptions.flatMap((kind) => kind.points);
    const mean = points.reduce((sum, { accuracy }) => sum + accuracy, 0) / 40;
    expect(suite.mean).toBeCloseTo(mean, 10);
  });
});

test('eval without --suite has no such part', async () => {
  const { stdout } = await runWarm(['eval', '--dataset', digits, ...untrained, '--json', '-q']);
  expect('suite' in JSON.parse(stdout)).toBe(false);
});

test('eval --suite refuses a network that adds, with the call that measures it', async () => {
  const { exit, stdout, stderr } = await evaluate('--arch', 'adder', '--untrained', '-q');
  expect([exit, stdout, stderr]).toEqual([
    2,
    '',
    [
      'mnist-cnn: untrained adder adds two digits; --suite changes images of single digits',
      '  To measure it on unchanged pairs of digits:',
      `    mnist-cnn eval --dataset ${digits} --arch adder --untrained`,
      '',
    ].join('\n'),
  ]);
});
