import { describe, expect, test } from 'vitest';
import { loadMnist } from '#mnist-dataset-loader';
import { judgeOrientation, transposeImages } from '../../src/data/orientation.ts';
import { type Examples, takeRange } from '../../src/data/split.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';
import { isRealMissing, realFolder, realNote } from '../support/real-mnist.ts';

const digits = createSyntheticDigits({ seed: 3, count: 2000 });
const lying = (examples: Examples) => ({ ...examples, images: transposeImages(examples.images) });
const subsets = Array.from({ length: 20 }, (_, index) => takeRange(digits, index * 100, index * 100 + 100));

test('transposing exchanges rows and columns of each image, and twice changes nothing', () => {
  const once = transposeImages(digits.images);
  expect(once[784 + 5 * 28 + 11]).toBe(digits.images[784 + 11 * 28 + 5]);
  expect(transposeImages(once)).toEqual(digits.images);
});

describe('how digits lie', () => {
  test('is found in any 100 of them, upright', () => {
    expect(new Set(subsets.map(judgeOrientation))).toEqual(new Set(['upright']));
  });

  test('is found in any 100 of them, transposed', () => {
    expect(new Set(subsets.map((subset) => judgeOrientation(lying(subset))))).toEqual(
      new Set(['transposed']),
    );
  });

  test('is found in pixels 0 and 1', () => {
    const faint = { ...digits, images: digits.images.map((value) => Number(value > 127)) };
    expect([judgeOrientation(faint), judgeOrientation(lying(faint))]).toEqual(['upright', 'transposed']);
  });

  test.each([
    ['ten of them', takeRange(digits, 0, 10)],
    ['none', takeRange(digits, 0, 0)],
    ['wrong labels', { ...digits, labels: digits.labels.map((label, index) => (label + index) % 10) }],
    ['noise', { ...digits, images: digits.images.map((_, at) => Math.imul(at, 0x9e3779b1) >>> 24) }],
    ['blank images', { ...digits, images: new Uint8Array(digits.images.length) }],
    ['inverted images', { ...digits, images: digits.images.map((value) => 255 - value) }],
  ])('is not told of %s', (_, examples) => {
    expect([judgeOrientation(examples), judgeOrientation(lying(examples))]).toEqual(['unknown', 'unknown']);
  });

  test('is not claimed for zeros alone, which look the same', () => {
    const zeros = [...digits.labels.keys()].filter((index) => digits.labels[index] === 0);
    const images = new Uint8Array(zeros.length * 784);
    zeros.forEach((from, to) => images.set(digits.images.subarray(from * 784, from * 784 + 784), to * 784));
    const examples = { images, labels: new Uint8Array(zeros.length), count: zeros.length };
    expect(judgeOrientation(lying(examples))).toBe('unknown');
  });

  test.skipIf(isRealMissing)(`is found in MNIST${realNote}`, async () => {
    const examples = await loadMnist({ dataDir: realFolder, split: 'test' });
    expect([judgeOrientation(examples), judgeOrientation(lying(examples))]).toEqual([
      'upright',
      'transposed',
    ]);
  });
});
