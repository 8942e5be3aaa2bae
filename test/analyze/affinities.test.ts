import { describe, expect, test } from 'vitest';
import { computeAffinities } from '../../src/analyze/affinities.ts';
import { random } from '../../src/core/random.ts';

const count = 50;
const numbers = random(3, 'points');
const values = Float64Array.from({ length: count * 4 }, () => 100 * numbers.normal());

describe('affinities', () => {
  const affinities = computeAffinities({ values, count, width: 4 }, 10);

  test('sum to 1', () => {
    expect(affinities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });

  test('are the same both ways', () => {
    expect(affinities[3 * count + 17]).toBe(affinities[17 * count + 3]);
  });

  test('are none with oneself', () => {
    expect(affinities[5 * count + 5]).toBe(0);
  });

  test('are larger for nearer points', () => {
    const line = Float64Array.of(0, 1, 3, 7, 15);
    const row = [...computeAffinities({ values: line, count: 5, width: 1 }, 1.3).subarray(0, 5)];
    expect(row.slice(1)).toEqual(row.slice(1).toSorted((left, right) => right - left));
  });

  test('do not depend on the scale of the points', () => {
    const larger = values.map((value) => value * 1000);
    const scaled = computeAffinities({ values: larger, count, width: 4 }, 10);
    expect(
      Math.max(...scaled.map((value, index) => Math.abs(value - (affinities[index] ?? 0)))),
    ).toBeLessThan(1e-6);
  });

  test('are even where all points are the same', () => {
    const even = computeAffinities({ values: new Float64Array(8), count: 4, width: 2 }, 1);
    expect(even[1]).toBeCloseTo(1 / 12, 12);
  });

  test('give each point about as many neighbors as the perplexity says', () => {
    // Two pairs far apart: with one neighbor each, nearly all affinity lies within the pairs.
    const pairs = computeAffinities({ values: Float64Array.of(0, 1, 100, 101), count: 4, width: 1 }, 1.01);
    expect((pairs[1] ?? 0) + (pairs[11] ?? 0)).toBeGreaterThan(0.499);
  });
});
