import { array, assert, float, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrainerError } from '../../src/core/errors.ts';
import { createConfusionMatrix } from '../../src/evaluate/confusion-matrix.ts';
import {
  countCorrect,
  exampleLosses,
  meanLoss,
  measureClasses,
  predictClasses,
  toProbabilities,
} from '../../src/evaluate/metrics.ts';

describe('the loss', () => {
  test('of equal logits among ten classes is ln 10', () => {
    expect(meanLoss(new Float32Array(20), Uint8Array.of(3, 9))).toBeCloseTo(2.302585, 6);
  });

  // The logits are the logarithms of the probabilities, so the loss is -ln p of the label.
  test.each([
    [0.8, 0.223],
    [0.7, 0.357],
    [0.1, 2.303],
  ])('of a label given probability %d is %d', (probability, loss) => {
    const logits = Float32Array.of(Math.log(probability), Math.log(1 - probability));
    expect(meanLoss(logits, Uint8Array.of(0))).toBeCloseTo(loss, 3);
  });

  test('is the mean over the examples', () => {
    const logits = Float32Array.of(Math.log(0.8), Math.log(0.2), Math.log(0.9), Math.log(0.1));
    expect(meanLoss(logits, Uint8Array.of(0, 1))).toBeCloseTo((0.223144 + 2.302585) / 2, 5);
  });

  test('of each example stands in the order of the examples', () => {
    const logits = Float32Array.of(Math.log(0.8), Math.log(0.2), Math.log(0.9), Math.log(0.1));
    const losses = exampleLosses(logits, Uint8Array.of(0, 1));
    expect([...losses].map((loss) => loss.toFixed(3))).toEqual(['0.223', '2.303']);
  });

  test('stays finite where exponentials would overflow', () => {
    expect(meanLoss(Float32Array.of(1e30, -1e30), Uint8Array.of(0))).toBe(0);
  });

  test('stays exact where exponentials would vanish', () => {
    expect(meanLoss(Float32Array.of(-1000, -1000), Uint8Array.of(1))).toBeCloseTo(Math.LN2, 12);
  });

  test('of a logit that is not a number is not a number', () => {
    expect(meanLoss(Float32Array.of(Number.NaN, 1), Uint8Array.of(1))).toBeNaN();
  });

  test('refuses a label beyond the logits and says where it stands', () => {
    expect(() => meanLoss(new Float32Array(6), Uint8Array.of(0, 3))).toThrow(
      new TrainerError('E_INTERNAL', 'cannot measure the loss: label 3 at index 1, expected below 3'),
    );
  });

  test('refuses logits that do not divide among the examples', () => {
    expect(() => meanLoss(new Float32Array(7), Uint8Array.of(0, 1))).toThrow(
      new TrainerError(
        'E_INTERNAL',
        'cannot read scores: 7 numbers for 2 examples, expected the same count for each',
      ),
    );
  });
});

describe('probabilities', () => {
  test('of [2, 1, 0.1] are [0.659, 0.242, 0.099]', () => {
    const probabilities = toProbabilities(Float32Array.of(2, 1, 0.1), 1);
    expect([...probabilities].map((value) => value.toFixed(3))).toEqual(['0.659', '0.242', '0.099']);
  });

  test('sum to 1 in each row, whatever the logits', () => {
    const logit = float({ min: -1000, max: 1000, noNaN: true });
    assert(
      property(array(logit, { minLength: 10, maxLength: 10 }), (row) => {
        const probabilities = toProbabilities(Float32Array.from([...row, ...row]), 2);
        const sum = probabilities.subarray(10).reduce((total, value) => total + value, 0);
        expect(sum).toBeCloseTo(1, 5);
      }),
      { seed: 1 },
    );
  });
});

describe('the predicted class', () => {
  test('is that of the largest score of each row', () => {
    expect([...predictClasses(Float32Array.of(0.1, 0.7, 0.2, -1, -3, -2), 2)]).toEqual([1, 0]);
  });

  test('is the first of equal scores', () => {
    expect([...predictClasses(Float32Array.of(1, 5, 5), 1)]).toEqual([1]);
  });

  test('is counted as correct where it equals the label', () => {
    expect(countCorrect(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 9, 3))).toBe(2);
  });
});

describe('precision, recall and F1', () => {
  // The example in scikit-learn's documentation of sklearn.metrics.classification_report.
  const report = measureClasses(
    createConfusionMatrix(Uint8Array.of(0, 1, 2, 2, 2), Uint8Array.of(0, 0, 2, 2, 1), 3),
  );

  test.each([
    [0, '0.50', '1.00', '0.67', 1],
    [1, '0.00', '0.00', '0.00', 1],
    [2, '1.00', '0.67', '0.80', 3],
  ])("of class %i are those of scikit-learn's example", (label, precision, recall, f1, support) => {
    const metrics = report[label];
    expect([
      metrics?.precision.toFixed(2),
      metrics?.recall.toFixed(2),
      metrics?.f1.toFixed(2),
      metrics?.support,
    ]).toEqual([precision, recall, f1, support]);
  });

  test('of a class that neither occurs nor is predicted are 0', () => {
    expect(measureClasses([[0]])).toEqual([{ precision: 0, recall: 0, f1: 0, support: 0 }]);
  });

  test('have supports that add up to the examples', () => {
    expect(report.reduce((sum, { support }) => sum + support, 0)).toBe(5);
  });
});
