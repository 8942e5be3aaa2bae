import { describe, expect, test } from 'vitest';
import { findEarlyEnd, keepBest } from '../../src/train/early-stopping.ts';

describe('keepBest', () => {
  const best = { step: 50, loss: 0.2, accuracy: 0.9 };

  test('takes the first score', () => {
    expect(keepBest(undefined, { loss: 1, accuracy: 0.5 }, 10)).toEqual({ step: 10, loss: 1, accuracy: 0.5 });
  });

  test('takes a higher accuracy, whatever the loss', () => {
    expect(keepBest(best, { loss: 0.3, accuracy: 0.91 }, 100).step).toBe(100);
  });

  test('takes a lower loss at equal accuracy', () => {
    expect(keepBest(best, { loss: 0.19, accuracy: 0.9 }, 100).step).toBe(100);
  });

  test('keeps the earlier of two equal scores', () => {
    expect(keepBest(best, { loss: 0.2, accuracy: 0.9 }, 100).step).toBe(50);
  });

  test('keeps the best against a lower accuracy with a lower loss', () => {
    expect(keepBest(best, { loss: 0.1, accuracy: 0.89 }, 100).step).toBe(50);
  });
});

describe('findEarlyEnd', () => {
  const best = { step: 100, loss: 0.2, accuracy: 0.9 };
  const waiting = { stepsPerEpoch: 100, patience: 2, patienceFrom: 0 };

  test('waits while the best is less than `patience` epochs old', () => {
    expect(findEarlyEnd(best, 299, waiting)).toBeUndefined();
  });

  test('ends when the best is `patience` epochs old', () => {
    expect(findEarlyEnd(best, 300, waiting)).toBe('patience');
  });

  test('counts from where the run was resumed, not from a best before that', () => {
    const resumed = { ...waiting, patienceFrom: 300 };
    expect([499, 500].map((step) => findEarlyEnd(best, step, resumed))).toEqual([undefined, 'patience']);
  });

  test('never ends without patience given', () => {
    expect(findEarlyEnd(best, 1e6, { stepsPerEpoch: 1, patienceFrom: 0 })).toBeUndefined();
  });

  test('ends when the best reaches the target, and not below it', () => {
    const target = (targetAccuracy: number) => ({ stepsPerEpoch: 100, patienceFrom: 0, targetAccuracy });
    expect([0.9, 0.91].map((accuracy) => findEarlyEnd(best, 100, target(accuracy)))).toEqual([
      'target',
      undefined,
    ]);
  });

  test('never ends before the first score', () => {
    expect(findEarlyEnd(undefined, 1e6, { ...waiting, targetAccuracy: 0 })).toBeUndefined();
  });
});
