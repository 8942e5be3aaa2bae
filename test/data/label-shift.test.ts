import { describe, expect, test } from 'vitest';
import { findLabelShift } from '../../src/data/label-shift.ts';
import { type Examples, takeExamples } from '../../src/data/split.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';

const digits = createSyntheticDigits({ seed: 4, count: 1200 });

/** The same images, each with the label of the image so many places on. */
function shift(examples: Examples, places: number): Examples {
  const { count } = examples;
  const labels = examples.labels.map((_, index) => examples.labels[(index + places + count) % count] ?? 0);
  return { ...examples, labels };
}

const sorted = takeExamples(
  digits,
  Uint32Array.from(
    [...digits.labels.keys()].toSorted((a, b) => (digits.labels[a] ?? 0) - (digits.labels[b] ?? 0)),
  ),
);

describe('labels that were moved by one', () => {
  test.each([
    [1, -1],
    [-1, 1],
  ] as const)('by %i are found where image n fits label n + %i', (places, offset) => {
    const found = findLabelShift(shift(digits, places));
    expect(found?.offset).toBe(offset);
    expect(found?.shifted).toBeGreaterThan(0.6);
    expect(found?.own).toBeLessThan(0.3);
  });

  test('are shown by an image whose label is its neighbor', () => {
    const moved = shift(digits, 1);
    const { index = 0 } = findLabelShift(moved) ?? {};
    expect(moved.labels[index - 1]).toBe(digits.labels[index]);
    expect(moved.labels[index]).not.toBe(digits.labels[index]);
  });

  test('are found among 200', () => {
    const some = takeExamples(
      digits,
      Uint32Array.from({ length: 200 }, (_, index) => index),
    );
    expect(findLabelShift(shift(some, 1))?.offset).toBe(-1);
  });
});

describe('no shift is seen in', () => {
  test.each([
    ['digits with their own labels', digits],
    ['digits sorted by their labels', sorted],
    ['digits in turn, 0 to 9, shifted or not', takeInTurn()],
    ['labels moved by two', shift(digits, 2)],
    [
      'labels of chance',
      { ...digits, labels: digits.labels.map((_, at) => (Math.imul(at, 0x9e3779b1) >>> 16) % 10) },
    ],
    ['a label for all', { ...digits, labels: new Uint8Array(digits.count) }],
    ['blank images', { ...digits, images: new Uint8Array(digits.images.length) }],
    ['three images', takeExamples(digits, Uint32Array.of(0, 1, 2))],
    ['no image', takeExamples(digits, Uint32Array.of())],
  ])('%s', (_, examples) => {
    expect(findLabelShift(examples)).toBeUndefined();
  });
});

/** Where each digit follows the same one, shifted labels are as good as any others. */
function takeInTurn(): Examples {
  const byDigit = Array.from({ length: 10 }, (_, digit) =>
    [...digits.labels.keys()].filter((index) => digits.labels[index] === digit),
  );
  return takeExamples(
    digits,
    Uint32Array.from({ length: 1000 }, (_, at) => byDigit[at % 10]?.[Math.floor(at / 10)] ?? 0),
  );
}
