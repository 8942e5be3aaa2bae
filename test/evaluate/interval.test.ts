import { describe, expect, test } from 'vitest';
import { TrainerError } from '../../src/core/errors.ts';
import { formatAccuracy, wilsonInterval } from '../../src/evaluate/interval.ts';

describe('the 95 % Wilson interval', () => {
  // Newcombe (1998), Statistics in Medicine 17: 857-872, table I, method 3 (score without continuity correction).
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i of %i is as Newcombe (1998) tabulates it', (successes, count, low, high) => {
    const interval = wilsonInterval(successes, count);
    expect([interval.low.toFixed(4), interval.high.toFixed(4)]).toEqual([low.toFixed(4), high.toFixed(4)]);
  });

  test('of all of n ends at exactly 1', () => {
    expect(wilsonInterval(10_000, 10_000).high).toBe(1);
  });

  test('of none of n starts at exactly 0', () => {
    expect(wilsonInterval(0, 7).low).toBe(0);
  });

  test('of failures mirrors that of successes', () => {
    const { low } = wilsonInterval(17, 100);
    expect(1 - wilsonInterval(83, 100).high).toBeCloseTo(low, 12);
  });

  test('narrows as the count grows', () => {
    const widths = [10, 100, 1000].map((count) => {
      const { low, high } = wilsonInterval(count * 0.9, count);
      return high - low;
    });
    expect(widths).toEqual([...widths].sort((left, right) => right - left));
  });

  test.each([
    [0, 0],
    [-1, 10],
    [11, 10],
    [0.5, 10],
  ])('of %d of %d is refused with both numbers', (successes, count) => {
    expect(() => wilsonInterval(successes, count)).toThrow(
      new TrainerError(
        'E_INTERNAL',
        `cannot measure a proportion: ${successes} of ${count} are not counts, expected 0 to n of n, n at least 1`,
      ),
    );
  });
});

describe('accuracy as text', () => {
  // 9831 of 10000 by hand: center 0.9829145, margin 0.0025327, both of 1.00038415.
  test('carries its interval', () => {
    expect(formatAccuracy(9831, 10_000)).toBe('98.31 % (95 % interval 98.04 to 98.54 %)');
  });

  test('of a perfect run still has a lower bound below 100 %', () => {
    expect(formatAccuracy(100, 100)).toBe('100.00 % (95 % interval 96.30 to 100.00 %)');
  });
});
