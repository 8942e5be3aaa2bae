import { describe, expect, test } from 'vitest';
import { type CurvePoint, collectMeasures, epochBorders } from '../../src/report/curve-series.ts';

const unmeasured: Omit<CurvePoint, 'step'> = {
  epoch: 0,
  trainLoss: undefined,
  trainAccuracy: undefined,
  validationLoss: undefined,
  validationAccuracy: undefined,
  testLoss: undefined,
  testAccuracy: undefined,
};

function createRun(losses: readonly number[]): readonly CurvePoint[] {
  return losses.map((trainLoss, index) => ({ ...unmeasured, step: 50 * (index + 1), trainLoss }));
}

function averagesOf(losses: readonly number[]): readonly number[] {
  return collectMeasures(createRun(losses), 'Loss', 1)
    .filter(({ series }) => series === 'training, moving average')
    .map(({ value }) => value);
}

function bordersUntil(step: number, epoch: number): readonly number[] {
  return epochBorders([{ ...unmeasured, step, epoch }]);
}

describe('the lines of a quantity', () => {
  test('hold what was measured, times the factor', () => {
    const points = [
      { ...unmeasured, step: 0, testAccuracy: 0.1 },
      { ...unmeasured, step: 50, testAccuracy: 0.875, validationAccuracy: 0.5 },
    ];
    expect(collectMeasures(points, 'Accuracy', 100)).toEqual([
      { step: 50, series: 'validation', value: 50 },
      { step: 0, series: 'test', value: 10 },
      { step: 50, series: 'test', value: 87.5 },
    ]);
  });

  test('leave out what is not finite', () => {
    expect(collectMeasures(createRun([1, Number.NaN, Infinity]), 'Loss', 1)).toEqual([
      { step: 50, series: 'training batch', value: 1 },
    ]);
  });
});

describe('the moving average', () => {
  test('is the mean over three neighbors on either side', () => {
    expect(averagesOf([0, 0, 0, 7, 0, 0, 0, 0])[3]).toBe(1);
  });

  test('starts at the first value', () => {
    expect(averagesOf([9, 1, 1, 1, 1, 1, 1, 1])[0]).toBe(9);
  });

  test('ends with the mean of the last four', () => {
    expect(averagesOf([0, 0, 0, 0, 1, 2, 3, 6]).at(-1)).toBe(3);
  });

  test('of a constant is that constant', () => {
    expect(averagesOf(Array.from({ length: 200 }, () => 0.5))).toEqual(
      Array.from({ length: 200 }, () => 0.5),
    );
  });

  test('is left out for fewer than eight values', () => {
    expect(averagesOf([1, 2, 3, 4, 5, 6, 7])).toEqual([]);
  });
});

describe('the borders of epochs', () => {
  test('lie at whole multiples of an epoch, the end left out', () => {
    expect(bordersUntil(3600, 3)).toEqual([1200, 2400]);
  });

  test('are known in the middle of an epoch too', () => {
    expect(bordersUntil(1500, 1.25)).toEqual([1200]);
  });

  test('are none within the first epoch', () => {
    expect(bordersUntil(600, 0.5)).toEqual([]);
  });

  test('are none where nothing was trained', () => {
    expect(bordersUntil(0, 0)).toEqual([]);
  });

  test('are none beyond thirty', () => {
    expect(bordersUntil(32_000, 32)).toEqual([]);
  });
});
