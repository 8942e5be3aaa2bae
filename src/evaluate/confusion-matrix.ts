import { TrainerError } from '../core/errors.ts';

/** Counts of examples, `matrix[label][prediction]`: rows are labels, columns predictions; square. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** The sums of a confusion matrix. */
export interface ConfusionTotals {
  /** Examples of each label: the row sums. */
  readonly labels: readonly number[];
  /** Examples predicted as each class: the column sums. */
  readonly predictions: readonly number[];
  /** Examples on the diagonal. */
  readonly correct: number;
  readonly count: number;
}

/**
 * Counts every pair of label and prediction, [classCount, classCount].
 *
 * @throws TrainerError `E_INTERNAL` where lengths differ or a class is not below `classCount`.
 */
export function createConfusionMatrix(
  labels: Uint8Array,
  predictions: Uint8Array,
  classCount = 10,
): ConfusionMatrix {
  if (labels.length !== predictions.length) {
    throw new TrainerError(
      'E_INTERNAL',
      `cannot build a confusion matrix: ${labels.length} labels, ${predictions.length} predictions`,
    );
  }
  const matrix = Array.from({ length: classCount }, () => Array.from({ length: classCount }, () => 0));
  labels.forEach((label, index) => {
    const prediction = predictions[index] ?? 0;
    const row = matrix[label];
    if (row === undefined || prediction >= classCount) {
      throw new TrainerError(
        'E_INTERNAL',
        `cannot build a confusion matrix: label ${label}, prediction ${prediction} at index ${index}, expected below ${classCount}`,
      );
    }
    row[prediction] = (row[prediction] ?? 0) + 1;
  });
  return matrix;
}

/** Row sums, column sums, the diagonal's sum and the whole. */
export function sumConfusionMatrix(matrix: ConfusionMatrix): ConfusionTotals {
  const labels = matrix.map((row) => sum(row));
  return {
    labels,
    predictions: matrix.map((_, column) => sum(matrix.map((row) => row[column] ?? 0))),
    correct: sum(matrix.map((row, index) => row[index] ?? 0)),
    count: sum(labels),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
