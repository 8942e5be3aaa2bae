import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliResult } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const folder = createTempFolder();
const digits = writeDigitsFolder(20, 30);

function shift(...words: readonly string[]): Promise<CliResult> {
  const common = ['--arch', 'conv3x3', '--untrained', '--dataset', digits];
  return runWarm(['inspect', '--shift', ...words, ...common], { cwd: folder });
}

describe('inspect --shift', () => {
  let result: CliResult;

  beforeAll(async () => {
    result = await shift('3,-1', '--index', '7', '--out-dir', 'shifted');
  });

  test('draws the image before and after', () => {
    expect(result.stdout.match(/^(test image|shifted).*$/gm)).toEqual([
      expect.stringMatching(/^test image 7, label \d$/),
      'shifted 3 pixels right and 1 pixel up',
    ]);
  });

  test('names the probability of each digit before and after', () => {
    const table = result.stdout.match(/^ +\d +\d+\.\d % +\d+\.\d %$/gm);
    expect(table?.map((row) => Number(row.trim()[0]))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('reports how much each layer has changed', () => {
    const rows = result.stdout.match(/^(\w+_1) +\d+\.\d %$/gm);
    const names = ['conv2d_1', 'max_pooling2d_1', 'flatten_1', 'dense_1'];
    expect(rows?.map((row) => row.split(' ')[0])).toEqual(names);
  });

  test('reports the accuracy at -10 to 10 pixels in both directions', () => {
    const rows = result.stdout.match(/^ +-?\d+( +\d+\.\d %){4}$/gm);
    expect(rows?.map((row) => Number(row.trim().split(' ')[0]))).toEqual(
      Array.from({ length: 21 }, (_, index) => index - 10),
    );
  });

  test('writes both pictures and the table', () => {
    const names = ['shift-accuracy.csv', 'shift-accuracy.png', 'shift-accuracy.svg'];
    const moved = ['shift-test-7-right3-down-1.png', 'shift-test-7-right3-down-1.svg'];
    expect([result.exit, fs.readdirSync(path.join(folder, 'shifted'))]).toEqual([0, [...names, ...moved]]);
  });
});

test('inspect --shift --json gives readings, changes and the curve of so many images', async () => {
  const { stdout } = await shift('0', '--images', '5', '--json');
  const { shift: moved, before, after, changes, curve } = JSON.parse(stdout);
  expect([moved, after, changes.map(({ change }: { change: number }) => change)]).toEqual([
    { right: 0, down: 0 },
    before,
    [0, 0, 0, 0],
  ]);
  expect([curve.images, curve.points.length, curve.points[0].direction, curve.points[0].shift]).toEqual([
    5,
    42,
    'right',
    -10,
  ]);
});

test('inspect --shift --images 0 leaves the curve out', async () => {
  const { stdout } = await shift('-2', '--images', '0', '--json');
  expect('curve' in JSON.parse(stdout)).toBe(false);
});

test.each(['x', '28', '1,2,3', '1.5', ''])('inspect refuses --shift "%s"', async (value) => {
  const { exit, stderr } = await shift(value);
  expect([exit, stderr]).toEqual([
    2,
    `mnist-cnn: --shift is "${value}", expected pixels to the right, or right and down, such as 3 or -2,4, each from -27 to 27\n`,
  ]);
});
