import { expect, test } from 'vitest';
import { createPairs, createTestPairs, cutPairs, joinPair, pairSplits } from '../../src/data/pairs.ts';
import { imageAt, takeExamples } from '../../src/data/split.ts';

/** Digits whose every pixel tells which one it is. */
function createDigits(count: number, first = 0) {
  const images = Uint8Array.from({ length: count * 784 }, (_, index) => first + Math.floor(index / 784));
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 10);
  return { images, labels, count };
}

test('a pair has the left digit next to the right one, row by row', () => {
  const pair = joinPair(new Uint8Array(784).fill(1), new Uint8Array(784).fill(2));
  const row = [...Array<number>(28).fill(1), ...Array<number>(28).fill(2)];
  expect([...pair]).toEqual(Array.from({ length: 28 }, () => row).flat());
});

test('pairs fall apart into the digits they were made of', () => {
  const patternOf = (seed: number) => Uint8Array.from({ length: 784 }, (_, at) => (at * 7 + seed) % 256);
  const [left, right] = [patternOf(0), patternOf(1)];
  const pairs = [joinPair(left, right), joinPair(right, left)];
  const digits = cutPairs(Uint8Array.from(pairs.flatMap((pair) => [...pair])));
  expect([0, 1, 2, 3].map((at) => digits.subarray(at * 784, (at + 1) * 784))).toEqual([
    left,
    right,
    right,
    left,
  ]);
});

test('the label of a pair is the sum of its digits', () => {
  const pairs = createPairs(createDigits(200), 3);
  for (let index = 0; index < pairs.count; index++) {
    const pixels = imageAt(pairs, index);
    expect(pairs.labels[index]).toBe(((pixels[0] ?? 0) % 10) + ((pixels[28] ?? 0) % 10));
  }
});

test('the same seed draws the same pairs, another one others', () => {
  const digits = createDigits(100);
  expect(createPairs(digits, 1)).toEqual(createPairs(digits, 1));
  expect(createPairs(digits, 1).images).not.toEqual(createPairs(digits, 2).images);
});

test('no digit of one split is in a pair of another', () => {
  const splits = { train: createDigits(50), validation: createDigits(30, 100), test: createDigits(20, 200) };
  const { train, validation, test: held } = pairSplits(splits, 4);
  const seen = [train, validation, held].map((pairs) => [...new Set(pairs?.images)]);
  expect(seen[0]?.every((value) => value < 50)).toBe(true);
  expect(seen[1]?.every((value) => value >= 100 && value < 130)).toBe(true);
  expect(seen[2]?.every((value) => value >= 200 && value < 220)).toBe(true);
});

test('the test pairs do not depend on the seed of the training', () => {
  const splits = { train: createDigits(50), test: createDigits(20) };
  expect(pairSplits(splits, 9).test).toEqual(createTestPairs(createDigits(20)));
});

test('pairs can be taken like digits', () => {
  const pairs = createPairs(createDigits(10), 0);
  const taken = takeExamples(pairs, Uint32Array.of(3, 1));
  expect([imageAt(taken, 0), imageAt(taken, 1)]).toEqual([imageAt(pairs, 3), imageAt(pairs, 1)]);
});
