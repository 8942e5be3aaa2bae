import { formatCount } from '../../core/files.ts';
import { formatPercent } from '../../core/percent.ts';
import { type Examples, imageAt } from '../../data/split.ts';
import { calibrationError, type ReliabilityBin, reliabilityBins } from '../../evaluate/calibration.ts';
import { createConfusionMatrix } from '../../evaluate/confusion-matrix.ts';
import type { Evaluation } from '../../evaluate/evaluate.ts';
import { formatAccuracy, wilsonInterval } from '../../evaluate/interval.ts';
import { countCorrect, meanLoss, measureClasses, toProbabilities } from '../../evaluate/metrics.ts';
import { findMisclassified } from '../../evaluate/misclassified.ts';
import type { EvaluationPicture } from '../../report/evaluation-files.ts';
import {
  formatClassTable,
  formatConfusionMatrix,
  formatErrorMask,
  formatStretches,
  type StretchRow,
} from '../../report/evaluation-text.ts';
import type { DrawnBin } from '../../report/reliability.ts';

/** All that `eval` found, in the shape of its JSON. */
export type EvaluationReport = ReturnType<typeof createEvaluationReport>;

/** What was measured, and which parts of the report are wanted. */
export interface ReportInput {
  readonly evaluation: Evaluation;
  readonly examples: Examples;
  /** What the logits are divided by for the probabilities, where the model has such a number. */
  readonly temperature: number | undefined;
  /** Images a stretch, where stretches are wanted. */
  readonly every: number | undefined;
  readonly mask: boolean;
}

/** Builds the report of an evaluation. */
export function createEvaluationReport(input: ReportInput) {
  const { evaluation, examples, temperature, every, mask } = input;
  const { logits, predictions, loss, correct, accuracy } = evaluation;
  const confusionMatrix = createConfusionMatrix(examples.labels, predictions, logits.length / examples.count);
  const probabilities = toProbabilities(logits, examples.count, temperature);
  const bins = reliabilityBins(probabilities, examples.labels);
  return {
    images: examples.count,
    loss,
    accuracy,
    correct,
    interval: wilsonInterval(correct, examples.count),
    classes: measureClasses(confusionMatrix),
    confusionMatrix,
    calibration: { error: calibrationError(bins), temperature, bins },
    errors: findMisclassified(logits, examples.labels, temperature),
    ...(every === undefined ? {} : { stretches: measureStretches(evaluation, examples, every) }),
    ...(mask ? { predictions: Array.from(predictions), labels: Array.from(examples.labels) } : {}),
  };
}

/** The report as text for the terminal. */
export function formatEvaluationReport(report: EvaluationReport): string {
  const parts = [
    `loss      ${report.loss.toFixed(4)}\naccuracy  ${formatAccuracy(report.correct, report.images)}, ${formatCount(report.correct)} of ${formatCount(report.images)} right\n${formatCalibration(report.calibration)}`,
  ];
  if (report.predictions !== undefined && report.labels !== undefined) {
    parts.push(formatErrorMask(Uint8Array.from(report.labels), Uint8Array.from(report.predictions)));
  }
  if (report.stretches !== undefined) parts.push(formatStretches(report.stretches));
  parts.push(formatClassTable(report.classes), formatConfusionMatrix(report.confusionMatrix));
  return parts.join('\n\n');
}

function formatCalibration({ error, temperature }: EvaluationReport['calibration']): string {
  const scores = temperature === undefined ? '' : `, with the model's temperature ${temperature.toFixed(3)}`;
  return `ECE       ${formatPercent(error)} (expected calibration error${scores})`;
}

/** The report as its files show it, with the pictures of the errors. */
export function toEvaluationPicture(report: EvaluationReport, examples: Examples): EvaluationPicture {
  return {
    matrix: report.confusionMatrix,
    errors: report.errors.map((error) => ({ ...error, pixels: imageAt(examples, error.index) })),
    count: report.images,
    reliability: { ...report.calibration, bins: report.calibration.bins.map(toDrawnBin) },
  };
}

function toDrawnBin({ correct, ...bin }: ReliabilityBin): DrawnBin {
  const { low, high } = bin.count === 0 ? { low: 0, high: 1 } : wilsonInterval(correct, bin.count);
  return { ...bin, accuracy: correct / Math.max(1, bin.count), accuracyLow: low, accuracyHigh: high };
}

function measureStretches(evaluation: Evaluation, examples: Examples, every: number): readonly StretchRow[] {
  const classes = evaluation.logits.length / examples.count;
  const starts = Array.from({ length: Math.ceil(examples.count / every) }, (_, index) => index * every);
  return starts.map((first) => {
    const end = Math.min(first + every, examples.count);
    const labels = examples.labels.subarray(first, end);
    return {
      first,
      last: end - 1,
      loss: meanLoss(evaluation.logits.subarray(first * classes, end * classes), labels),
      accuracy: countCorrect(evaluation.predictions.subarray(first, end), labels) / labels.length,
    };
  });
}
