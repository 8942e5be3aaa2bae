import { describe, expect, it } from 'vitest';
import { isOutOfPatience, keepBest } from '../../src/train/early-stopping.ts';

describe('keepBest', () => {
  const best = { step: 50, loss: 0.2, accuracy: 0.9 };

  it('takes the first score', () => {
    expect(keepBest(undefined, { loss: 1, accuracy: 0.5 }, 10)).toEqual({ step: 10, loss: 1, accuracy: 0.5 });
  });

  it('takes a higher accuracy, whatever the loss', () => {
    expect(keepBest(best, { loss: 0.3, accuracy: 0.91 }, 100).step).toBe(100);
  });

  it('takes a lower loss at equal accuracy', () => {
    expect(keepBest(best, { loss: 0.19, accuracy: 0.9 }, 100).step).toBe(100);
  });

  it('keeps the earlier of two equal scores', () => {
    expect(keepBest(best, { loss: 0.2, accuracy: 0.9 }, 100).step).toBe(50);
  });

  it('keeps the best against a lower accuracy with a lower loss', () => {
    expect(keepBest(best, { loss: 0.1, accuracy: 0.89 }, 100).step).toBe(50);
  });
});

describe('isOutOfPatience', () => {
  const best = { step: 100, loss: 0.2, accuracy: 0.9 };

  it('waits while the best is less than `patience` epochs old', () => {
    expect(isOutOfPatience(best, { step: 299, stepsPerEpoch: 100, patience: 2, patienceFrom: 0 })).toBe(
      false,
    );
  });

  it('ends when the best is `patience` epochs old', () => {
    expect(isOutOfPatience(best, { step: 300, stepsPerEpoch: 100, patience: 2, patienceFrom: 0 })).toBe(true);
  });

  it('counts from where the run resumed, not from a best before that', () => {
    const now = { stepsPerEpoch: 100, patience: 2, patienceFrom: 300 };
    expect([499, 500].map((step) => isOutOfPatience(best, { ...now, step }))).toEqual([false, true]);
  });

  it('never ends without patience given', () => {
    expect(isOutOfPatience(best, { step: 1e6, stepsPerEpoch: 1, patience: undefined, patienceFrom: 0 })).toBe(
      false,
    );
  });
});
