import { describe, expect, test } from 'vitest';
import { learningRateAt, type ScheduleName } from '../../src/train/schedule.ts';

const rates = (schedule: ScheduleName, totalSteps: number) =>
  Array.from({ length: totalSteps }, (_, index) =>
    learningRateAt(index + 1, { schedule, learningRate: 0.1, totalSteps }),
  );

describe('learningRateAt', () => {
  test('keeps a constant rate', () => {
    expect(rates('constant', 4)).toEqual([0.1, 0.1, 0.1, 0.1]);
  });

  test('lets the cosine fall from the full rate over half of it in the middle to 0', () => {
    const [first = 0, , middle = 0, , last = 1] = rates('cosine', 5);
    expect(first).toBeCloseTo(0.1, 12);
    expect(middle).toBeCloseTo(0.05, 12);
    expect(last).toBeCloseTo(0, 12);
  });

  test('starts one-cycle at a 25th of its rate', () => {
    expect(rates('one-cycle', 11)[0]).toBeCloseTo(0.004, 12);
  });

  test('lets one-cycle reach its rate after 30 % of the steps', () => {
    const all = rates('one-cycle', 11);
    expect(Math.max(...all)).toBeCloseTo(0.1, 12);
    expect(all.indexOf(Math.max(...all))).toBe(3);
  });

  test('lets one-cycle end at a 250,000th of its rate', () => {
    expect(rates('one-cycle', 11).at(-1)).toBeCloseTo(4e-7, 15);
  });

  test('lets linear climb from a 25th of its rate over 5 % of the steps, and fall to 0 in a straight line', () => {
    const all = rates('linear', 101);
    expect(all[0]).toBeCloseTo(0.004, 12);
    expect(all.indexOf(Math.max(...all))).toBe(5);
    expect(all[5]).toBeCloseTo(0.1, 12);
    expect(all[43]).toBeCloseTo(0.06, 12);
    expect(all.at(-1)).toBeCloseTo(0, 12);
  });

  test('has a rate for a run of one step', () => {
    expect(rates('one-cycle', 1)).toEqual([expect.any(Number)]);
  });
});
