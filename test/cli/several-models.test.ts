import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import type { CliResult } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const cwd = createTempFolder();
const digits = writeDigitsFolder(200, 40);

const run = (...words: readonly string[]): Promise<CliResult> => runWarm(words, { cwd });
const evaluate = (...words: readonly string[]) => run('eval', '--dataset', digits, ...words);

/** The report of `eval --json`, as far as these tests read it. */
interface Report {
  readonly model?: string;
  readonly models?: readonly object[];
  readonly testShifts?: boolean;
  readonly suite?: object;
  readonly loss: number;
  readonly predictions: readonly number[];
  readonly calibration: { readonly error: number; readonly temperature?: number };
  readonly files: readonly string[];
}

async function reportOf(...words: readonly string[]): Promise<Report> {
  const { exit, stdout, stderr } = await evaluate(...words, '--json', '--mask', '-q');
  expect([exit, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Report; // the program's own output
}

/** Pictures by name with the digit that is read in each, and how probable it is. */
async function readingsOf(...words: readonly string[]) {
  const { exit, stdout } = await run('predict', '--json', ...words);
  expect(exit).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as { file: string; ranking: readonly { score: number }[] });
}

beforeAll(async () => {
  const small = ['--dataset', digits, '--max-steps', '3', '--batch-size', '20', '--eval-images', '10', '-q'];
  const trainings = [
    ['--arch', 'conv3x3', '--seed', '1', '--out', 'one'],
    ['--arch', 'cnn', '--seed', '2', '--validation', '50', '--out', 'other'],
    ['--preset', 'adder', '--epochs', '1', '--max-steps', '1', '--out', 'adder'],
  ];
  for (const words of trainings) {
    expect(await run('train', ...small, ...words)).toMatchObject({ exit: 0, stderr: '' });
  }
  fs.mkdirSync(path.join(cwd, 'empty'));
  fs.cpSync(path.join(cwd, 'one'), path.join(cwd, 'broken'), { recursive: true });
  fs.writeFileSync(path.join(cwd, 'broken/model.json'), 'no model');
  fs.writeFileSync(path.join(cwd, 'seven.png'), encodePng(drawSeven()));
});

describe('eval of several models', () => {
  let result: CliResult;
  let before: readonly string[];

  beforeAll(async () => {
    before = fs.readdirSync(path.join(cwd, 'one'));
    result = await evaluate('--model', 'one', 'other');
  });

  test('prints a line for each, which may have different networks, and what is averaged', () => {
    expect([result.exit, ...result.stdout.split('\n').slice(0, 3)]).toEqual([
      0,
      'one: network conv3x3, 13,602 parameters',
      'other: network cnn, 28,938 parameters',
      'averaged over 2 models',
    ]);
  });

  test('says what it does, that it writes no files, and what comes next for the first', () => {
    expect(result.stderr.split('\n')).toEqual([
      'measuring one and other on 40 test images',
      'wrote no files; add --out-dir FOLDER to write them',
      expect.stringMatching(/^next: mnist-cnn inspect --dataset \S+ --model one --maps --index \d+$/),
      '',
    ]);
  });

  test('prints the calibration error of the mean, which has no temperature', () => {
    expect(result.stdout).toMatch(/^ECE {7}\d+\.\d\d % \(expected calibration error\)$/m);
  });

  test('leaves the model folders as they are', () => {
    expect(fs.readdirSync(path.join(cwd, 'one'))).toEqual(before);
  });

  test('writes files into the given folder', async () => {
    const { files } = await reportOf('--model', 'one', 'other', '--out-dir', 'both');
    expect(files.length).toBe(fs.readdirSync(path.join(cwd, 'both')).length);
  });

  test('prints them as a list in JSON', async () => {
    const { model, models } = await reportOf('--model', 'one', 'other');
    expect([model, models]).toEqual([
      undefined,
      [
        { model: 'one', architecture: 'conv3x3', parameters: 13_602 },
        { model: 'other', architecture: 'cnn', parameters: 28_938 },
      ],
    ]);
  });

  test('is the same for a flag that is repeated', async () => {
    const repeated = await reportOf('--model', 'one', '--model=other');
    expect(repeated).toEqual(await reportOf('--model', 'one', 'other'));
  });

  test('does not depend on the order', async () => {
    const [given, turned] = [
      await reportOf('--model', 'one', 'other'),
      await reportOf('--model', 'other', 'one'),
    ];
    expect(turned.predictions).toEqual(given.predictions);
    expect(turned.loss).toBeCloseTo(given.loss, 6);
  });

  test('of the same twice is the same as of one', async () => {
    const [alone, twice] = [await reportOf('--model', 'one'), await reportOf('--model', 'one', 'one')];
    expect(twice.predictions).toEqual(alone.predictions);
    expect(twice.loss).toBeCloseTo(alone.loss, 6);
    expect(twice.calibration.error).toBeCloseTo(alone.calibration.error, 6);
  });

  test('measures them as one on changed images, too', async () => {
    const { suite } = await reportOf('--model', 'one', 'other', '--suite', '--images', '10');
    const { suite: turned } = await reportOf('--model', 'other', 'one', '--suite', '--images', '10');
    const { suite: alone } = await reportOf('--model', 'one', '--suite', '--images', '10');
    expect(suite).toEqual(turned);
    expect(suite).not.toEqual(alone);
  });

  test('says which of them was trained on other data', async () => {
    const elsewhere = writeDigitsFolder(20, 30);
    const { stderr } = await run('eval', '--dataset', elsewhere, '--model', 'one', 'other');
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      `measuring on ${elsewhere}; one was trained on ${digits}`,
      `measuring on ${elsewhere}; other was trained on ${digits}`,
    ]);
  });

  test('names both where the accuracy is too low', async () => {
    const { exit, stderr } = await evaluate('--model', 'one', 'other', '--min-accuracy', '1', '-q');
    expect([exit, stderr]).toEqual([
      81,
      expect.stringMatching(/^mnist-cnn: the accuracy of one and other is [\d.]+, below --min-accuracy 1\n$/),
    ]);
  });
});

describe('eval refuses', () => {
  test('a second folder that has no model, and names it', async () => {
    expect(await evaluate('--model', 'one', 'empty')).toMatchObject({
      exit: 66,
      stderr: [
        'mnist-cnn: no model found in empty: model.json does not exist',
        '  file: empty/model.json',
        '  Train one first, or name its folder with --model.',
        '    mnist-cnn train --out empty',
        '',
      ].join('\n'),
    });
  });

  test('a second model that is broken, and names its file', async () => {
    const { exit, stderr } = await evaluate('--model', 'one', 'broken', '-q');
    expect([exit, stderr]).toEqual([
      65,
      expect.stringMatching(/^mnist-cnn: cannot read model\.json: .*\n {2}file: broken\/model\.json\n$/),
    ]);
  });

  test('to average an adding machine, and names it', async () => {
    expect(await evaluate('--model', 'one', 'adder', '-q')).toMatchObject({
      exit: 2,
      stderr: [
        'mnist-cnn: adder adds two digits; only models that read one digit can be averaged',
        '  To measure it by itself:',
        `    mnist-cnn eval --dataset ${digits} --model adder`,
        '',
      ].join('\n'),
    });
  });

  test('to show an adding machine shifted images', async () => {
    const { exit, stderr } = await evaluate('--model', 'adder', '--test-shifts', '-q');
    expect([exit, stderr.split('\n')[0], stderr.split('\n')[2]]).toEqual([
      2,
      'mnist-cnn: adder adds two digits; only models that read one digit can be averaged',
      `    mnist-cnn eval --dataset ${digits} --model adder`,
    ]);
  });

  test('several models beside weights', async () => {
    const { exit, stderr } = await evaluate('--model', 'one', 'other', '--weights', 'w.bin', '--arch', 'cnn');
    expect([exit, stderr]).toEqual([
      2,
      'mnist-cnn: --model and --weights cannot be used together\n    mnist-cnn eval --help\n',
    ]);
  });

  test('an empty name', async () => {
    const { exit, stderr } = await evaluate('--model', 'one', '--model=');
    expect([exit, stderr]).toEqual([2, 'mnist-cnn: --model is "", expected a path\n']);
  });
});

describe('eval --test-shifts', () => {
  test('averages five positions of each image', async () => {
    const { stdout } = await evaluate('--model', 'one', '--test-shifts');
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'one: network conv3x3, 13,602 parameters',
      'averaged over 5 positions of each image',
    ]);
  });

  test('says in JSON that it does, and writes no files into the model folder', async () => {
    const { model, testShifts, files } = await reportOf('--model', 'one', '--test-shifts');
    expect([model, testShifts, files]).toEqual(['one', true, []]);
  });

  test('gives another loss than without shifts', async () => {
    const [plain, shifted] = [
      await reportOf('--model', 'one'),
      await reportOf('--model', 'one', '--test-shifts'),
    ];
    expect(Math.abs(shifted.loss - plain.loss)).toBeGreaterThan(1e-4);
  });

  test('works with several models', async () => {
    const { stdout } = await evaluate('--model', 'one', 'other', '--test-shifts');
    expect(stdout.split('\n')[2]).toBe('averaged over 2 models and 5 positions of each image');
  });

  test('works with weights alone', async () => {
    const { exit } = await evaluate('--arch', 'cnn', '--untrained', '--test-shifts');
    expect(exit).toBe(0);
  });
});

describe('predict with several models', () => {
  test('takes the folders behind --model that hold a model for models, and what follows for pictures', async () => {
    const readings = await readingsOf('--model', 'one', 'other', 'seven.png');
    expect(readings.map(({ file }) => file)).toEqual(['seven.png']);
  });

  test('takes a folder of pictures behind a model for what it is', async () => {
    fs.mkdirSync(path.join(cwd, 'pictures'));
    fs.copyFileSync(path.join(cwd, 'seven.png'), path.join(cwd, 'pictures/a.png'));
    const readings = await readingsOf('--model=one', 'pictures');
    expect(readings.map(({ file }) => file)).toEqual(['pictures/a.png']);
  });

  test('gives the mean of their probabilities, whichever comes first', async () => {
    const [alone, both, turned] = [
      await readingsOf('--model', 'one', 'seven.png', '--top-k', '10'),
      await readingsOf('--model', 'one', 'other', 'seven.png', '--top-k', '10'),
      await readingsOf('seven.png', '--top-k', '10', '--model', 'other', '--model', 'one'),
    ];
    expect(turned).toEqual(both);
    expect(both).not.toEqual(alone);
  });

  test('of the same twice reads as one does', async () => {
    expect(await readingsOf('--model', 'one', 'one', 'seven.png')).toEqual(
      await readingsOf('--model', 'one', 'seven.png'),
    );
  });

  test('looks at shifted digits with --test-shifts', async () => {
    const words = ['--model', 'one', 'seven.png', '--top-k', '10'];
    expect(await readingsOf(...words, '--test-shifts')).not.toEqual(await readingsOf(...words));
  });

  test('repeats all of them in the next command', async () => {
    const { stderr } = await run('predict', '--model', 'one', 'other', 'seven.png', '--test-shifts');
    expect(stderr).toBe('next: mnist-cnn predict seven.png --model one --model other --test-shifts --show\n');
  });

  test('refuses an adding machine among them, and names it', async () => {
    const { exit, stderr } = await run('predict', '--model', 'one', 'adder', 'seven.png');
    expect([exit, stderr]).toEqual([
      2,
      [
        'mnist-cnn: adder adds two digits; it does not read a single one',
        '  It takes two pictures:',
        '    mnist-cnn add --help',
        '',
      ].join('\n'),
    ]);
  });

  test('names a second folder without a model that has a flag of its own', async () => {
    const { exit, stderr } = await run('predict', '--model', 'one', '--model', 'empty', 'seven.png');
    expect([exit, stderr.split('\n')[0]]).toEqual([
      66,
      'mnist-cnn: no model found in empty: model.json does not exist',
    ]);
  });
});
