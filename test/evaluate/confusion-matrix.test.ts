import { describe, expect, test } from 'vitest';
import { TrainerError } from '../../src/core/errors.ts';
import { createConfusionMatrix, sumConfusionMatrix } from '../../src/evaluate/confusion-matrix.ts';

// The example in scikit-learn's documentation of sklearn.metrics.confusion_matrix.
const labels = Uint8Array.of(2, 0, 2, 2, 0, 1);
const predictions = Uint8Array.of(0, 0, 2, 2, 0, 2);

describe('a confusion matrix', () => {
  test('has labels as rows and predictions as columns, as in scikit-learn', () => {
    expect(createConfusionMatrix(labels, predictions, 3)).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [1, 0, 2],
    ]);
  });

  test('has ten classes by default', () => {
    expect(createConfusionMatrix(labels, predictions).map((row) => row.length)).toEqual(
      Array.from({ length: 10 }, () => 10),
    );
  });

  test('sums its rows, columns, diagonal and whole', () => {
    expect(sumConfusionMatrix(createConfusionMatrix(labels, predictions, 3))).toEqual({
      labels: [2, 1, 3],
      predictions: [3, 0, 3],
      correct: 4,
      count: 6,
    });
  });

  test('of no examples is all zero', () => {
    expect(sumConfusionMatrix(createConfusionMatrix(new Uint8Array(0), new Uint8Array(0))).count).toBe(0);
  });

  test('refuses lists of different lengths with both lengths', () => {
    expect(() => createConfusionMatrix(labels, predictions.subarray(1))).toThrow(
      new TrainerError('E_INTERNAL', 'cannot build a confusion matrix: 6 labels, 5 predictions'),
    );
  });

  test('refuses a label beyond the classes and says where it stands', () => {
    expect(() => createConfusionMatrix(labels, predictions, 2)).toThrow(
      new TrainerError(
        'E_INTERNAL',
        'cannot build a confusion matrix: label 2, prediction 0 at index 0, expected below 2',
      ),
    );
  });

  test('refuses a prediction beyond the classes and says where it stands', () => {
    expect(() => createConfusionMatrix(Uint8Array.of(0, 1), Uint8Array.of(0, 7), 2)).toThrow(
      new TrainerError(
        'E_INTERNAL',
        'cannot build a confusion matrix: label 1, prediction 7 at index 1, expected below 2',
      ),
    );
  });
});
