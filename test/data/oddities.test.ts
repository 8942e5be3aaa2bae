import { describe, expect, test } from 'vitest';
import { loadMnist } from '#mnist-dataset-loader';
import { findOddities, findOrientation, type InspectedData } from '../../src/data/oddities.ts';
import { transposeImages } from '../../src/data/orientation.ts';
import { type Examples, takeRange } from '../../src/data/split.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';
import { isRealMissing, realFolder, realNote } from '../support/real-mnist.ts';

const digits = createSyntheticDigits({ seed: 6, count: 800 });
const [train, held] = [takeRange(digits, 0, 600), takeRange(digits, 600, 800)];
const find = (given: Partial<InspectedData>) =>
  findOddities({ train, test: held, isTransposed: false, isNamedEmnist: false, ...given });
const change = (examples: Examples, pixel: (value: number) => number) => ({
  ...examples,
  images: examples.images.map(pixel),
});
const turn = (examples: Examples) => ({ ...examples, images: transposeImages(examples.images) });

test('nothing is odd about drawn digits', () => {
  expect(find({})).toEqual([]);
});

test.skipIf(isRealMissing)(`nothing is odd about MNIST${realNote}`, async () => {
  const load = async (split: 'train' | 'test') => loadMnist({ dataDir: realFolder, split });
  expect(find({ train: await load('train'), test: await load('test') })).toEqual([]);
});

test.each([[1], [2], [10], [50]])('nothing is odd about %i digits', (count) => {
  expect(find({ train: takeRange(train, 0, count), test: takeRange(held, 0, count) })).toEqual([]);
});

describe('a warning, and an example that shows it, is given for', () => {
  test('a class ten times as large as another, with all counts', () => {
    const labels = train.labels.map((label) => (label === 4 ? 1 : label));
    labels[17] = 4;
    const [warning, ...more] = find({ train: { ...train, labels } });
    expect(warning).toEqual({
      message:
        'the training images are uneven: 60 of 0, 115 of 1, 64 of 2, 64 of 3, 1 of 4, 63 of 5, 60 of 6, 56 of 7, 55 of 8, 62 of 9',
      example: { split: 'train', index: 17 },
    });
    expect(more).toEqual([]);
  });

  test('inverted images', () => {
    const inverted = (examples: Examples) => change(examples, (value) => 255 - value);
    expect(find({ train: inverted(train), test: inverted(held) })).toEqual([
      {
        message:
          'the training and test images seem inverted, dark ink on light paper: their borders are 255 of 255 on average, where 0 is paper and 255 is ink',
        example: { split: 'train', index: 0 },
      },
    ]);
  });

  test('pixels of 0 and 1 in one split', () => {
    expect(find({ test: change(held, (value) => Number(value > 127)) })).toEqual([
      {
        message: 'the test images have pixels from 0 to 1 only, where 255 is full ink',
        example: { split: 'test', index: 0 },
      },
    ]);
  });

  test('labels that are shifted by one', () => {
    const labels = train.labels.map((_, index) => train.labels[(index + 1) % train.count] ?? 0);
    expect(find({ train: { ...train, labels } })).toMatchObject([
      {
        message: expect.stringMatching(
          /^the training images seem to belong to the label before their own: it fits \d\d % of a sample, their own label \d\d? %$/,
        ),
        example: { split: 'train' },
      },
    ]);
  });

  test('test images that are training images, from a hundredth on', () => {
    const images = held.images.slice();
    images.set(train.images.subarray(784 * 5, 784 * 6), 784 * 9);
    expect(find({ test: { ...held, images } })).toEqual([]);
    images.set(train.images.subarray(784 * 8, 784 * 9), 784 * 4);
    expect(find({ test: { ...held, images } })).toEqual([
      {
        message:
          '2 of 200 test images are also training images (test image 4 is training image 8): accuracy on them says nothing about new digits',
        example: { split: 'test', index: 4 },
      },
    ]);
  });

  test('images that are transposed', () => {
    expect(find({ train: turn(train), test: turn(held) })).toEqual([
      {
        message:
          "the training and test images are transposed, as EMNIST's are: --transpose turns them upright",
        example: { split: 'train', index: 0 },
      },
    ]);
  });

  test('upright images that --transpose has laid down', () => {
    const data = { train: turn(train), test: turn(held), isTransposed: true, isNamedEmnist: true };
    expect(findOrientation(data)).toEqual([
      {
        message:
          'the training and test images are transposed now: --transpose has turned upright images on their side; leave it out',
        example: { split: 'train', index: 0 },
      },
    ]);
  });

  test("EMNIST's names, where the pixels tell nothing", () => {
    const few = { train: takeRange(train, 0, 10), test: takeRange(held, 0, 10), isNamedEmnist: true };
    expect(find(few)).toEqual([
      {
        message:
          "the files have EMNIST's names, and EMNIST's images are transposed: --transpose turns them upright",
        example: { split: 'train', index: 0 },
      },
    ]);
  });
});

test("EMNIST's names mean nothing where the digits are upright, or --transpose was given", () => {
  expect([find({ isNamedEmnist: true }), find({ isNamedEmnist: true, isTransposed: true })]).toEqual([
    [],
    [],
  ]);
});
