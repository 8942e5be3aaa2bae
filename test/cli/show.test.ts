import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSmallSplits, writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliResult } from '../support/run-cli.ts';
import { pngSize } from '../support/svg.ts';
import { runWarm } from '../support/warm-cli.ts';

const digits = writeDigitsFolder(20, 10);
const { train, test: testDigits } = createSmallSplits(20, 10);

function show(...words: readonly string[]): Promise<CliResult> {
  return runWarm(['show', '--dataset', digits, ...words]);
}

describe('show', () => {
  let result: CliResult;

  beforeAll(async () => {
    result = await show();
  });

  test('reports the sizes of the data set and what the first training image is', () => {
    expect(result.stdout.split('\n').slice(0, 3)).toEqual([
      'training  images 20 x 28 x 28, labels 20',
      'test      images 10 x 28 x 28, labels 10',
      `training image 0 is a ${train.labels[0]}`,
    ]);
  });

  test('draws the image below, without escapes where there is no terminal', () => {
    const picture = result.stdout.split('\n').slice(3, -1);
    expect([picture.length, picture.join('').includes('\u001b')]).toEqual([14, false]);
  });

  test('reports the next command', () => {
    expect([result.exit, result.stderr]).toEqual([0, `next: mnist-cnn train --dataset ${digits}\n`]);
  });
});

test('show --split test --index n draws that test image', async () => {
  const { stdout } = await show('--split', 'test', '--index', '7');
  expect(stdout.split('\n')[2]).toBe(`test image 7 is a ${testDigits.labels[7]}`);
});

test('show --json gives sizes, label and pixels', async () => {
  const { stdout } = await show('--index', '3', '--json');
  expect(JSON.parse(stdout)).toEqual({
    dataset: digits,
    train: { images: [20, 28, 28], labels: [20] },
    test: { images: [10, 28, 28], labels: [10] },
    split: 'train',
    index: 3,
    label: train.labels[3],
    pixels: Array.from(train.images.subarray(3 * 784, 4 * 784)),
  });
});

test('show --out writes a picture, in a folder made for it', async () => {
  const file = path.join(createTempFolder(), 'pictures', 'digit.png');
  const { stderr } = await show('--out', file);
  expect([stderr, pngSize(fs.readFileSync(file)).height]).toEqual([
    `wrote ${file}\nnext: mnist-cnn train --dataset ${digits}\n`,
    2 * (2 * 16 + 30 + 84),
  ]);
});

test('show does not take the model folder of a config file for its picture', async () => {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, 'mnist-cnn.config.json'), '{ "out": "models/mine" }');
  const { exit } = await runWarm(['show', '--dataset', digits], { cwd: folder });
  expect([exit, fs.readdirSync(folder)]).toEqual([0, ['mnist-cnn.config.json']]);
});

test.each([
  [['--index', '20'], '--index is 20, but the training images are numbered from 0 to 19'],
  [['--index', '-1'], '--index is "-1", expected a whole number from 0 to 999,999'],
  [['--split', 'validation'], '--split is "validation", expected one of train, test'],
  [['--out', 'digit.jpg'], '--out is "digit.jpg", expected a name that ends in .png or .svg'],
])('show refuses %j', async (words, message) => {
  const { exit, stderr } = await show(...words);
  expect([exit, stderr.trimEnd()]).toEqual([2, `mnist-cnn: ${message}`]);
});

test('show --plain writes the digit alone, each pixel a square of ten', async () => {
  const file = path.join(createTempFolder(), 'plain.png');
  const { exit } = await show('--split', 'test', '--index', '7', '--out', file, '--plain');
  expect(exit).toBe(0);
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([280, 280]);
  const corners = Array.from(
    { length: 784 },
    (_, index) => data[Math.floor(index / 28) * 2800 + (index % 28) * 10],
  );
  expect(corners).toEqual([...testDigits.images.subarray(7 * 784, 8 * 784)]);
});

describe('show --augment', () => {
  test('draws the image and its variant side by side, the same for the same seed', async () => {
    const results = await Promise.all(
      [
        ['--seed', '1'],
        ['--seed', '1'],
        ['--seed', '2'],
      ].map((words) => show('--augment', 'elastic', '--json', ...words)),
    );
    const [first, second, third] = results.map(
      ({ stdout }) => JSON.parse(stdout) as { pixels: number[]; variant: number[] },
    );
    expect(first?.variant).toHaveLength(784);
    expect(first?.variant).toEqual(second?.variant);
    expect(first?.variant).not.toEqual(third?.variant);
    expect(first?.pixels).toEqual(third?.pixels);
    const drawn = await show('--augment', 'elastic');
    const lines = drawn.stdout.split('\n');
    expect(lines[2]).toBe(
      `training image 0 is a ${train.labels[0]}; beside it in epoch 1 with --augment elastic`,
    );
    expect(lines.slice(3, -1)).toHaveLength(14);
  });

  test('writes a sheet of originals and variants', async () => {
    const file = path.join(createTempFolder(), 'sheet.svg');
    const { exit } = await show('--augment', 'affine', '--index', '17', '--out', file);
    const svg = fs.readFileSync(file, 'utf8');
    expect(exit).toBe(0);
    // Three images are left of 20.
    expect(svg.match(/<image /g)).toHaveLength(3 * 8);
    expect(svg.match(/>epoch 7</g)).toHaveLength(3);
    expect(svg).toContain('Training images with --augment affine');
  });

  test.each([
    [['--split', 'test'], '--augment is for training images: those of --split test are never varied'],
    [['--plain'], '--augment and --plain cannot be used together'],
  ])('refuses %j', async (words, message) => {
    const { exit, stderr } = await show('--augment', 'shift', ...words);
    expect(exit).toBe(2);
    expect(stderr).toContain(message);
  });
});
