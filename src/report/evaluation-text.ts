import { formatCount } from '../core/files.ts';
import { formatPercent } from '../core/percent.ts';
import { formatTable, numberColumns } from '../core/table.ts';

/** What a line of a class table shows; the first three from 0 to 1. */
export interface ClassRow {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Images of this class. */
  readonly support: number;
}

/** What a line of a table of stretches shows. */
export interface StretchRow {
  /** The indices of the first and last image. */
  readonly first: number;
  readonly last: number;
  readonly loss: number;
  /** 0 to 1. */
  readonly accuracy: number;
}

/**
 * Draws a confusion matrix `matrix[label][prediction]` as text: rows are labels, columns predictions, and a dot
 * stands for 0, so that errors catch the eye.
 */
export function formatConfusionMatrix(matrix: readonly (readonly number[])[]): string {
  const classes = matrix.map((_, index) => String(index));
  const rows = matrix.map((row, label) => [
    String(label),
    ...row.map((count) => (count === 0 ? '·' : String(count))),
  ]);
  return `       prediction\n${formatTable(numberColumns(['label', ...classes]), rows)}`;
}

/** Draws precision, recall and F1 in percent and the images of each class as text. */
export function formatClassTable(classes: readonly ClassRow[]): string {
  const rows = classes.map(({ precision, recall, f1, support }, label) => [
    String(label),
    formatPercent(precision),
    formatPercent(recall),
    formatPercent(f1),
    formatCount(support),
  ]);
  return formatTable(numberColumns(['class', 'precision', 'recall', 'F1', 'images']), rows);
}

/** Draws loss and accuracy of stretches of images as text. */
export function formatStretches(stretches: readonly StretchRow[]): string {
  const rows = stretches.map(({ first, last, loss, accuracy }) => [
    `${first} to ${last}`,
    loss.toFixed(4),
    formatPercent(accuracy),
  ]);
  return formatTable(numberColumns(['images', 'loss', 'accuracy']), rows);
}

/** Draws predictions over labels over the error mask, 1 where they differ, in blocks of thirty images. */
export function formatErrorMask(labels: Uint8Array, predictions: Uint8Array): string {
  const starts = Array.from({ length: Math.ceil(labels.length / 30) }, (_, index) => 30 * index);
  const blocks = starts.map((start) => {
    const real = labels.subarray(start, start + 30);
    const predicted = predictions.subarray(start, start + 30);
    const mask = predicted.map((prediction, index) => (prediction === real[index] ? 0 : 1));
    return [
      `images ${start} to ${start + real.length - 1}`,
      `  prediction  ${predicted.join(' ')}`,
      `  true digit  ${real.join(' ')}`,
      `  error       ${mask.join(' ')}`,
    ].join('\n');
  });
  return blocks.join('\n');
}
