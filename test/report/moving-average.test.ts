import { expect, test } from 'vitest';
import { averageReach, movingAverage } from '../../src/report/moving-average.ts';

test.each([
  [8, 3],
  [60, 3],
  [70, 4],
  [200, 10],
])('the average of %i values reaches over %i on either side', (count, reach) => {
  expect(averageReach(count)).toBe(reach);
});

test('each value becomes the mean of its neighbors, the first with as many before as after', () => {
  expect(movingAverage([0, 3, 6, 0, 9], 1)).toEqual([0, 3, 3, 5, 4.5]);
});

test('a straight line stays one, but for its end', () => {
  expect(movingAverage([1, 2, 3, 4, 5, 6], 2).slice(0, 4)).toEqual([1, 2, 3, 4]);
});

test('nothing has no average', () => {
  expect(movingAverage([])).toEqual([]);
});
