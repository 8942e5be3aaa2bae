import { formatCount, writeFiles } from '../core/files.ts';
import { formatCsv } from './csv.ts';
import { renderDigitGrid } from './digit-grid.ts';
import { renderConfusionMatrix } from './heatmap.ts';
import { type Reliability, renderReliability } from './reliability.ts';

/** What the files of an evaluation show. */
export interface EvaluationPicture {
  /** `matrix[label][prediction]`. */
  readonly matrix: readonly (readonly number[])[];
  /** Every example that was misread. */
  readonly errors: readonly DrawnError[];
  /** Examples measured. */
  readonly count: number;
  readonly reliability: Reliability;
}

/** An example that was misread, with its picture. */
export interface DrawnError {
  readonly index: number;
  readonly label: number;
  readonly prediction: number;
  /** What the model gives the predicted class, 0 to 1. */
  readonly probability: number;
  /** What it gives the right one. */
  readonly labelProbability: number;
  /** [28, 28], row-major. */
  readonly pixels: Uint8Array;
}

/**
 * Writes `confusion_matrix.csv`, `.svg` and `.png`, `reliability.svg` and `.png`, `errors.csv` and `errors.png` into a
 * folder, each whole or not at all. The picture of the errors begins with the most certain ones, the table keeps the
 * order of the images.
 *
 * @returns the paths written.
 * @throws TrainerError `E_NOT_WRITABLE`, `E_DISK_FULL` or `E_IO`.
 */
export async function writeEvaluation(
  folder: string,
  evaluation: EvaluationPicture,
): Promise<readonly string[]> {
  const matrix = await renderConfusionMatrix(evaluation.matrix);
  const reliability = await renderReliability(evaluation.reliability);
  const errors = await renderErrors(evaluation);
  return writeFiles(folder, {
    'confusion_matrix.csv': formatMatrixCsv(evaluation.matrix),
    'confusion_matrix.svg': matrix.svg,
    'confusion_matrix.png': matrix.png,
    'reliability.svg': reliability.svg,
    'reliability.png': reliability.png,
    'errors.csv': formatErrorsCsv(evaluation.errors),
    'errors.png': errors.png,
  });
}

function renderErrors({ errors, count }: EvaluationPicture) {
  const cells = errors
    .toSorted((left, right) => right.probability - left.probability)
    .map(({ pixels, prediction, label, index }) => ({
      pixels,
      caption: [`predicted ${prediction},`, `is ${label} (#${index})`],
    }));
  return renderDigitGrid(cells, {
    title: `${formatCount(errors.length)} of ${formatCount(count)} images misread, the most confident first`,
  });
}

function formatMatrixCsv(matrix: EvaluationPicture['matrix']): string {
  const classes = matrix.map((_, index) => String(index));
  return formatCsv(
    ['label', ...classes],
    matrix.map((row, label) => [label, ...row]),
  );
}

function formatErrorsCsv(errors: readonly DrawnError[]): string {
  return formatCsv(
    ['index', 'label', 'prediction', 'probability', 'label_probability'],
    errors.map(({ index, label, prediction, probability, labelProbability }) => [
      index,
      label,
      prediction,
      Number(probability.toPrecision(6)),
      Number(labelProbability.toPrecision(6)),
    ]),
  );
}
