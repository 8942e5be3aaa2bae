import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliResult } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const folder = createTempFolder();
const digits = writeDigitsFolder(200, 40);

function evaluate(...words: readonly string[]): Promise<CliResult> {
  return runWarm(['eval', '--dataset', digits, ...words], { cwd: folder });
}

function accuracyLine(result: CliResult): string {
  return /^accuracy .*$/m.exec(result.stdout)?.[0] ?? 'no accuracy';
}

beforeAll(async () => {
  const words = '--arch conv3x3 --max-steps 3 --eval-images 10 --save-weights w.bin --out net -q';
  const { exit, stderr } = await runWarm(['train', '--dataset', digits, ...words.split(' ')], {
    cwd: folder,
  });
  expect([exit, stderr]).toEqual([0, '']);
  fs.cpSync(path.join(folder, 'net'), path.join(folder, 'fresh'), { recursive: true });
});

describe('eval of a model folder', () => {
  let result: CliResult;
  let before: readonly string[];

  beforeAll(async () => {
    before = fs.readdirSync(path.join(folder, 'net'));
    result = await evaluate('--model', 'net');
  });

  test('ends well', () => {
    expect(result.exit).toBe(0);
  });

  test('says what it does, what it wrote and what comes next on stderr', () => {
    const names = [
      'confusion_matrix.csv',
      'confusion_matrix.svg',
      'confusion_matrix.png',
      'reliability.svg',
      'reliability.png',
      'errors.csv',
      'errors.png',
    ];
    expect(result.stderr.split('\n')).toEqual([
      'measuring net on 40 test images',
      `wrote ${names.map((name) => `net/${name}`).join(', ')}`,
      `next: mnist-cnn inspect --dataset ${digits} --model net --maps --index 0`,
      '',
    ]);
  });

  test('prints the network, loss and accuracy with its interval first', () => {
    const [network, loss, accuracy] = result.stdout.split('\n');
    expect(network).toBe('net: network conv3x3, 13,602 parameters');
    expect(loss).toMatch(/^loss {6}\d\.\d{4}$/);
    expect(accuracy).toMatch(
      /^accuracy {2}\d+\.\d\d % \(95 % interval \d+\.\d\d to \d+\.\d\d %\), \d+ of 40 right$/,
    );
  });

  test('prints the calibration error, without a temperature where no images were held out', () => {
    expect(result.stdout.split('\n')[3]).toMatch(/^ECE {7}\d+\.\d\d % \(expected calibration error\)$/);
  });

  test('prints a line for each class and a confusion matrix', () => {
    expect(result.stdout).toMatch(
      /\nclass {2}precision .*\n( {4}\d .*\n){10}\n {7}prediction\nlabel .*\n( {4}\d .*\n){10}$/,
    );
  });

  test('adds seven files to the folder and touches no other', () => {
    const added = fs.readdirSync(path.join(folder, 'net')).filter((name) => !before.includes(name));
    expect(added).toEqual([
      'confusion_matrix.csv',
      'confusion_matrix.png',
      'confusion_matrix.svg',
      'errors.csv',
      'errors.png',
      'reliability.png',
      'reliability.svg',
    ]);
  });

  test('lists as many errors as it counts', () => {
    const [, right = ''] = /, (\d+) of 40 right/.exec(result.stdout) ?? [];
    const lines = fs
      .readFileSync(path.join(folder, 'net', 'errors.csv'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.length - 1).toBe(40 - Number(right));
  });

  test('measures the same as the weights alone with the name of the network', async () => {
    const alone = await evaluate('--arch', 'conv3x3', '--weights', 'w.bin');
    expect(accuracyLine(alone)).toBe(accuracyLine(result));
  });
});

describe('eval of a model with a temperature', () => {
  const words = ['--model', 'warm', '--images', '40'];

  /** The same weights, taken to be surer or less sure. */
  function setTemperature(temperature: number): void {
    const file = path.join(folder, 'warm', 'metadata.json');
    const metadata = JSON.parse(fs.readFileSync(file, 'utf8'));
    const calibration = { ...metadata.calibration, from: 'validation', temperature, error: 0 };
    fs.writeFileSync(file, JSON.stringify({ ...metadata, calibration }));
  }

  const reportAt = async (temperature: number) => {
    setTemperature(temperature);
    const report: {
      loss: number;
      calibration: { temperature?: number; error: number; bins: { count: number }[] };
      errors: { probability: number }[];
    } = JSON.parse((await evaluate(...words, '--json', '-q')).stdout);
    return report;
  };

  beforeAll(() => {
    fs.cpSync(path.join(folder, 'net'), path.join(folder, 'warm'), { recursive: true });
  });

  test('names it', async () => {
    setTemperature(0.25);
    expect((await evaluate(...words)).stdout).toMatch(
      /^ECE .* \(expected calibration error, with the model's temperature 0\.250\)$/m,
    );
  });

  test('applies it to the scores, and leaves the loss', async () => {
    const [cold, hot] = [await reportAt(0.1), await reportAt(10)];
    expect(cold.loss).toBe(hot.loss);
    expect(cold.errors[0]?.probability).toBeGreaterThan(hot.errors[0]?.probability ?? 1);
    expect(cold.calibration.error).not.toBe(hot.calibration.error);
  });

  test('prints temperature and bins as JSON', async () => {
    const { calibration } = await reportAt(2);
    const counted = calibration.bins.reduce((sum, { count }) => sum + count, 0);
    expect([calibration.temperature, calibration.bins.length, counted]).toEqual([2, 15, 40]);
  });
});

test.each(['val', 'test', 'evaluate'])('eval is also called %s', async (name) => {
  const [own, other] = await Promise.all([runWarm(['eval', '--help']), runWarm([name, '--help'])]);
  expect(other.stdout).toBe(own.stdout);
});

describe('eval of the first images', () => {
  test('draws predictions over true digits over the 0/1 error mask', async () => {
    const { stdout } = await evaluate('--model', 'net', '--images', '3', '--mask');
    const [, predicted = '', real = '', errors = ''] =
      /images 0 to 2\n {2}prediction {2}(.*)\n {2}true digit {2}(.*)\n {2}error {7}(.*)\n/.exec(stdout) ?? [];
    const mask = predicted.split(' ').map((digit, index) => (digit === real.split(' ')[index] ? '0' : '1'));
    expect([mask.length, errors]).toEqual([3, mask.join(' ')]);
  });

  test('writes no files into the model folder', async () => {
    const before = fs.readdirSync(path.join(folder, 'fresh'));
    await evaluate('--model', 'fresh', '--images', '3');
    expect(fs.readdirSync(path.join(folder, 'fresh'))).toEqual(before);
  });

  test('writes them into the given folder', async () => {
    await evaluate('--model', 'net', '--images', '3', '--out-dir', 'elsewhere', '-q');
    expect(fs.readdirSync(path.join(folder, 'elsewhere')).length).toBe(7);
  });

  test('takes all where there are fewer', async () => {
    const { stdout } = await evaluate('--model', 'net', '--images', '1000');
    expect(stdout).toContain(' of 40 right');
  });
});

test('an untrained network is about as good as guessing, in each stretch of images', async () => {
  const { stdout } = await evaluate('--arch', 'conv3x3', '--untrained', '--every', '20');
  const losses = Array.from(stdout.matchAll(/^ ?\d+ to \d+ +(\d\.\d{4}) +\d+\.\d\d %$/gm), ([, loss]) =>
    Number(loss),
  );
  expect(losses.map((loss) => loss.toFixed(1))).toEqual(['2.3', '2.3']);
});

describe('eval --json', () => {
  test('prints one object whose counts agree', async () => {
    const { stdout } = await evaluate('--model', 'net', '--json', '--images', '40', '-q');
    const report: {
      images: number;
      correct: number;
      accuracy: number;
      confusionMatrix: number[][];
      errors: unknown[];
    } = JSON.parse(stdout);
    const total = report.confusionMatrix.flat().reduce((sum, count) => sum + count, 0);
    expect([report.images, total, report.correct + report.errors.length, report.accuracy * 40]).toEqual([
      40,
      40,
      40,
      report.correct,
    ]);
  });
});

describe('eval --min-accuracy', () => {
  test('that is missed exits with 81 and still prints the result', async () => {
    const { exit, stdout, stderr } = await evaluate(
      '--model',
      'net',
      '--images',
      '40',
      '--min-accuracy',
      '1',
      '-q',
    );
    const accuracy = Number(/, (\d+) of 40/.exec(stdout)?.[1]) / 40;
    expect([exit, stderr.split('\n')[0]]).toEqual([
      81,
      `mnist-cnn: the accuracy of net is ${accuracy}, below --min-accuracy 1`,
    ]);
  });

  test('that is reached exits with 0', async () => {
    const { exit } = await evaluate('--model', 'net', '--images', '40', '--min-accuracy', '0', '-q');
    expect(exit).toBe(0);
  });
});

describe('eval without a model', () => {
  test('names the missing file and how to get one', async () => {
    const result = await runWarm(['eval', '--dataset', digits]);
    expect([result.exit, result.stderr]).toEqual([
      66,
      [
        'mnist-cnn: no model found in models/net: model.json does not exist',
        '  file: models/net/model.json',
        '  Train one first, or name its folder with --model.',
        '    mnist-cnn train',
        '',
      ].join('\n'),
    ]);
  });

  test('names missing weights and how to get some', async () => {
    const result = await evaluate('--arch', 'cnn', '--weights', 'none.bin');
    expect([result.exit, result.stderr]).toEqual([
      66,
      [
        'mnist-cnn: cannot read the weights: none.bin does not exist',
        '  file: none.bin',
        '  Training writes them with --save-weights:',
        '    mnist-cnn train --arch cnn --save-weights none.bin',
        '',
      ].join('\n'),
    ]);
  });

  test('names the weights that are for another network', async () => {
    const { exit, stderr } = await evaluate('--arch', 'cnn', '--weights', 'w.bin', '-q');
    expect([exit, stderr]).toEqual([
      65,
      'mnist-cnn: these are not weights for the network cnn: expected conv2d_1/kernel, conv2d_1/bias, conv2d_2/kernel, conv2d_2/bias, dense_1/kernel, dense_1/bias, found conv2d_1/kernel, dense_1/kernel, dense_1/bias\n  file: w.bin\n',
    ]);
  });
});

describe('eval refuses', () => {
  test.each([
    [['--arch', 'cnn'], '--arch needs --weights or --untrained: a model folder records its own network'],
    [['--weights', 'w.bin'], '--weights needs the name of the network: --arch'],
    [['--untrained'], '--untrained needs the name of the network: --arch'],
    [
      ['--untrained', '--weights', 'w.bin', '--arch', 'cnn'],
      '--untrained and --weights cannot be used together',
    ],
    [['--untrained', '--model', 'net', '--arch', 'cnn'], '--model and --untrained cannot be used together'],
  ])('%j', async (words, message) => {
    const { exit, stderr } = await evaluate(...words);
    expect([exit, stderr]).toEqual([2, `mnist-cnn: ${message}\n    mnist-cnn eval --help\n`]);
  });
});
