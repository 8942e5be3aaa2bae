import { TrainerError } from '../core/errors.ts';
import { softmax } from '../core/softmax.ts';
import { type ConfusionMatrix, sumConfusionMatrix } from './confusion-matrix.ts';

/** How well one class is distinguished from the others; all but `support` in [0, 1]. */
export interface ClassMetrics {
  /** Of the examples predicted as this class, the part that is; 0 where none was predicted. */
  readonly precision: number;
  /** Of the examples of this class, the part that was found; 0 where there is none. */
  readonly recall: number;
  /** The harmonic mean of the two; 0 where both are 0. */
  readonly f1: number;
  /** The examples of this class. */
  readonly support: number;
}

/**
 * The softmax cross-entropy of every example, in nats: logits [n, classes], labels [n] -> losses [n].
 * The largest logit is subtracted first, so that no exponential overflows.
 *
 * @throws TrainerError `E_INTERNAL` where the shapes do not fit.
 */
export function exampleLosses(logits: Float32Array, labels: Uint8Array): Float64Array {
  const classCount = classesOf(logits, labels.length);
  const scoreAt = (index: number) => logits[index] ?? Number.NaN;
  const losses = new Float64Array(labels.length);
  for (const [index, label] of labels.entries()) {
    if (label >= classCount) {
      throw new TrainerError(
        'E_INTERNAL',
        `cannot measure the loss: label ${label} at index ${index}, expected below ${classCount}`,
      );
    }
    const start = index * classCount;
    let largest = -Infinity;
    for (let at = start; at < start + classCount; at++) largest = Math.max(largest, scoreAt(at));
    let total = 0;
    for (let at = start; at < start + classCount; at++) total += Math.exp(scoreAt(at) - largest);
    losses[index] = Math.log(total) + largest - scoreAt(start + label);
  }
  return losses;
}

/** The mean softmax cross-entropy in nats of logits [n, classes]; ln 10 = 2.303 is guessing among ten. */
export function meanLoss(logits: Float32Array, labels: Uint8Array): number {
  return exampleLosses(logits, labels).reduce((total, loss) => total + loss, 0) / labels.length;
}

/** The probabilities of logits [n, classes], by softmax of the logits over the temperature, in the same shape. */
export function toProbabilities(logits: Float32Array, count: number, temperature = 1): Float32Array {
  const classCount = classesOf(logits, count);
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classCount) {
    probabilities.set(softmax(logits.subarray(start, start + classCount), temperature), start);
  }
  return probabilities;
}

/** The class of the largest score of each row of logits or probabilities [n, classes] -> [n]; the first of equals. */
export function predictClasses(scores: Float32Array, count: number): Uint8Array {
  const classCount = classesOf(scores, count);
  const classes = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const start = index * classCount;
    let best = start;
    for (let at = start; at < start + classCount; at++)
      if ((scores[at] ?? Number.NaN) > (scores[best] ?? -Infinity)) best = at;
    classes[index] = best - start;
  }
  return classes;
}

/** How many predictions equal their label. */
export function countCorrect(predictions: Uint8Array, labels: Uint8Array): number {
  let correct = 0;
  predictions.forEach((prediction, index) => {
    if (prediction === labels[index]) correct++;
  });
  return correct;
}

/** Precision, recall, F1 and support of each class of a confusion matrix; 0/0 counts as 0. */
export function measureClasses(matrix: ConfusionMatrix): readonly ClassMetrics[] {
  const totals = sumConfusionMatrix(matrix);
  return matrix.map((row, index) => {
    const found = row[index] ?? 0;
    const support = totals.labels[index] ?? 0;
    const predicted = totals.predictions[index] ?? 0;
    return {
      precision: ratio(found, predicted),
      recall: ratio(found, support),
      // 2PR / (P + R), with the fractions cleared.
      f1: ratio(2 * found, predicted + support),
      support,
    };
  });
}

function classesOf(scores: Float32Array, count: number): number {
  const classCount = scores.length / count;
  if (count > 0 && Number.isInteger(classCount) && classCount > 0) return classCount;
  throw new TrainerError(
    'E_INTERNAL',
    `cannot read scores: ${scores.length} numbers for ${count} examples, expected the same count for each`,
  );
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
