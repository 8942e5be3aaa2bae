import { describe, expect, test } from 'vitest';
import { formatDuration, systemClock } from '../../src/core/time.ts';

describe('formatDuration', () => {
  test.each([
    [0, '0.0 s'],
    [1234, '1.2 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 min 0 s'],
    [75_000, '1 min 15 s'],
    [3_599_499, '59 min 59 s'],
    [3_599_500, '1 h 0 min'],
    [5_400_000, '1 h 30 min'],
    [90_000_000, '25 h 0 min'],
  ])('writes %i ms as %s', (elapsedMs, text) => {
    expect(formatDuration(elapsedMs)).toBe(text);
  });
});

describe('systemClock', () => {
  test('never goes back', () => {
    const readings = Array.from({ length: 1000 }, () => systemClock.nowMs());
    expect(readings).toEqual(readings.toSorted((left, right) => left - right));
  });

  test('knows the date', () => {
    expect(Math.abs(systemClock.today().getTime() - Date.now())).toBeLessThan(1000);
  });
});
