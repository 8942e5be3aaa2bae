import { describe, expect, test } from 'vitest';
import { findDuplicates } from '../../src/data/duplicates.ts';
import { type Examples, takeRange } from '../../src/data/split.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';

const digits = createSyntheticDigits({ seed: 5, count: 300 });
const [train, test_] = [takeRange(digits, 0, 200), takeRange(digits, 200, 300)];

/** The test examples with training images in the place of some. */
function withCopies(copies: Readonly<Record<number, number>>): Examples {
  const images = test_.images.slice();
  for (const [to, from] of Object.entries(copies)) {
    images.set(train.images.subarray(from * 784, from * 784 + 784), Number(to) * 784);
  }
  return { ...test_, images };
}

describe('test images that are training images', () => {
  test('are counted, and the first is named with the training image it is', () => {
    expect(findDuplicates(train, withCopies({ 7: 150, 3: 199, 90: 0 }))).toEqual({
      count: 3,
      testIndex: 3,
      trainIndex: 199,
    });
  });

  test('count once each, however often they are there', () => {
    expect(findDuplicates(train, withCopies({ 7: 150, 8: 150 }))?.count).toBe(2);
  });

  test('are found in bytes that lie at any address', () => {
    const moved = new Uint8Array(train.images.length + 1);
    moved.set(train.images, 1);
    expect(findDuplicates({ ...train, images: moved.subarray(1) }, withCopies({ 7: 150 }))?.count).toBe(1);
  });

  test('are none where one pixel differs, whichever', () => {
    for (let pixel = 0; pixel < 784; pixel++) {
      const copied = withCopies({ 7: 150 });
      copied.images[7 * 784 + pixel] = (copied.images[7 * 784 + pixel] ?? 0) ^ 1;
      expect(findDuplicates(train, copied)).toBeUndefined();
    }
  });

  test('are none in two drawings', () => {
    expect(findDuplicates(train, test_)).toBeUndefined();
  });
});
