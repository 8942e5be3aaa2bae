import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';
import { drawPicture, drawSevenIn, drawZero } from '../support/ink.ts';
import { encodePng } from '../support/pictures.ts';
import { runWarm } from '../support/warm-cli.ts';

/** A folder with a few steps of an adding machine, a network of digits and three pictures, made once for all tests. */
let folder: string;

const run = (...words: readonly string[]) => runWarm(words, { cwd: folder });
const data = ['--dataset', 'synthetic'];

beforeAll(async () => {
  folder = createTempFolder();
  const few = ['--eval-images', '200', '--eval-every', '200'];
  const made = [
    await run(
      'train',
      '--arch',
      'adder',
      '--max-steps',
      '600',
      '--out',
      'adder',
      '--lr',
      '0.002',
      ...data,
      ...few,
    ),
    await run('train', '--max-steps', '60', '--out', 'net', ...data, ...few),
    await run('show', '--split', 'test', '--index', '0', '--out', 'a.png', '--plain', ...data),
    await run('show', '--split', 'test', '--index', '1', '--out', 'b.png', '--plain', ...data),
  ];
  expect(
    made.map(({ exit }) => exit),
    made.map(({ stderr }) => stderr).join(),
  ).toEqual([0, 0, 0, 0]);
}, 120_000);

describe('add', () => {
  test('names the sum of two pictures with its probability, and the runners-up', async () => {
    const { exit, stdout } = await run('add', 'a.png', 'b.png', '--model', 'adder', '--top-k', '2');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^a\.png \+ b\.png = \d+ \(\d+\.\d\d %\), \d+ \(\d+\.\d\d %\)\n$/);
  });

  test('gives the same as JSON', async () => {
    const { stdout } = await run('add', 'a.png', 'b.png', '--model', 'adder', '--json');
    const { files, sum, ranking } = JSON.parse(stdout) as {
      files: string[];
      sum: number;
      ranking: { sum: number; score: number }[];
    };
    expect([files, ranking.length, ranking[0]?.sum]).toEqual([['a.png', 'b.png'], 1, sum]);
  });

  test('draws both digits side by side', async () => {
    const { stdout } = await run('add', 'a.png', 'b.png', '--model', 'adder', '--show');
    const lines = stdout.split('\n');
    const widest = Math.max(...lines.slice(0, 14).map((line) => line.length));
    expect([lines.length, widest > 28, widest <= 56]).toEqual([16, true, true]);
  });

  test('without a model reports how to make one', async () => {
    const { exit, stderr } = await run('add', 'a.png', 'b.png');
    expect([exit, stderr.split('\n')[0], stderr.trimEnd().split('\n').at(-1)]).toEqual([
      66,
      'mnist-cnn: no adding machine found in models/adder',
      '    mnist-cnn train --preset adder --out models/adder',
    ]);
  });

  test('refuses a network that reads one digit', async () => {
    const { exit, stderr } = await run('add', 'a.png', 'b.png', '--model', 'net');
    expect([exit, stderr.split('\n')[0]]).toEqual([2, 'mnist-cnn: net reads one digit; it does not add two']);
  });

  test('refuses one picture', async () => {
    const { exit, stderr } = await run('add', 'a.png');
    expect([exit, stderr.split('\n')[0]]).toEqual([2, 'mnist-cnn: add needs two pictures, found 1']);
  });

  test('refuses a picture without ink', async () => {
    const { default: sharp } = await import('sharp');
    const blank = sharp({ create: { width: 40, height: 40, channels: 3, background: 'white' } });
    await blank.png().toFile(path.join(folder, 'blank.png'));
    const { exit, stderr } = await run('add', 'a.png', 'blank.png', '--model', 'adder');
    expect([exit, stderr.split('\n')[0]]).toEqual([65, 'mnist-cnn: no ink found in blank.png']);
  });

  test('refuses a picture of several digits, and prints the command that draws what was found', async () => {
    const row = drawPicture({ width: 200, height: 100 }, (canvas) => {
      drawSevenIn(canvas, [20, 20, 60, 80], 6);
      drawZero(canvas, [140, 20, 180, 80], 6);
    });
    fs.writeFileSync(path.join(folder, 'row.png'), encodePng({ ...row, gray: row.pixels }));
    const { exit, stderr } = await run('add', 'a.png', 'row.png', '--model', 'adder');
    expect([exit, stderr]).toEqual([
      65,
      'mnist-cnn: found several digits in row.png, expected one\n' +
        '  file: row.png\n' +
        '  To see what was found in a picture:\n' +
        '    mnist-cnn predict row.png --show\n',
    ]);
  });
});

describe('an adding machine', () => {
  test('is measured on pairs, better than guessing', async () => {
    const { stdout } = await run('eval', '--model', 'adder', '--json', ...data);
    const { images, accuracy, classes } = JSON.parse(stdout) as {
      images: number;
      accuracy: number;
      classes: unknown[];
    };
    expect([images, classes.length, accuracy > 0.3]).toEqual([2000, 19, true]);
  });

  test('leaves the picture of its errors, two digits each', () => {
    expect(fs.statSync(path.join(folder, 'adder/errors.png')).size).toBeGreaterThan(1000);
  });

  test('does not read one digit', async () => {
    const { exit, stderr } = await run('predict', '--model', 'adder', 'a.png');
    expect([exit, stderr.split('\n')[0]]).toEqual([
      2,
      'mnist-cnn: adder adds two digits; it does not read a single one',
    ]);
  });
});
