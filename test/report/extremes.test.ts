import { expect, test } from 'vitest';
import { greatest, least } from '../../src/report/extremes.ts';

test('the least and the greatest of 300,000 values are found without exhausting the stack', () => {
  const values = Array.from({ length: 300_000 }, (_, index) => Math.abs(index - 200_000));
  expect([least(values), greatest(values)]).toEqual([0, 200_000]);
});

test('of none they are infinite, so that any value is less or greater', () => {
  expect([least([]), greatest([])]).toEqual([Infinity, -Infinity]);
});
