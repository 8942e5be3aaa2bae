import { describe, expect, test } from 'vitest';
import { countTrainingExamples, createTakeBatch } from '../../src/augment/training-examples.ts';
import { takeExamples } from '../../src/data/split.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';

const digits = createSyntheticDigits({ seed: 7, count: 40 });
const all = Uint32Array.from({ length: 44 }, (_, index) => index);
const take = (nonDigits: number, augment: 'none' | 'pens' = 'none', seed = 0) => {
  const takeBatch = createTakeBatch(digits, { augment, nonDigits, seed });
  if (takeBatch === undefined) throw new Error('nothing varies');
  return takeBatch;
};

describe('varied training examples', () => {
  test('are as many as the training images and the share of pictures of no digit', () => {
    expect(countTrainingExamples(60_000, 0.1)).toBe(66_000);
    expect(countTrainingExamples(60_000, 0)).toBe(60_000);
  });

  test('are not made where nothing varies', () => {
    expect(createTakeBatch(digits, { augment: 'none', nonDigits: 0, seed: 0 })).toBeUndefined();
  });

  test('keep the digits and their labels with pictures of no digit alone', () => {
    const indices = Uint32Array.of(3, 9, 39);
    expect(take(0.1)(indices, 1)).toEqual(takeExamples(digits, indices));
  });

  test('follow from seed, epoch and index, whatever batch they are in', () => {
    const whole = take(0.1, 'pens')(all, 2);
    const alone = take(0.1, 'pens')(Uint32Array.of(41), 2);
    expect(whole.images.subarray(41 * 784, 42 * 784)).toEqual(alone.images);
    expect(whole.labels[41]).toBe(alone.labels[0]);
  });

  test('differ from epoch to epoch and from seed to seed', () => {
    const first = take(0.1, 'pens')(all, 1);
    expect(take(0.1, 'pens')(all, 2).images).not.toEqual(first.images);
    expect(take(0.1, 'pens', 1)(all, 1).images).not.toEqual(first.images);
  });

  test('have the label of no digit for the extra pictures alone', () => {
    const { labels } = take(0.1)(all, 1);
    expect([...labels]).toEqual([...digits.labels, 10, 10, 10, 10]);
  });
});
