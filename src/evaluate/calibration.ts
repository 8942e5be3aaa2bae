import { predictClasses } from './metrics.ts';

/** Examples whose scores are about equal; all but `count` from 0 to 1. */
export interface ReliabilityBin {
  /** Scores above `low`, up to and with `high`. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** The mean score, 0 where there is no example. */
  readonly score: number;
  /** Examples read correctly. */
  readonly correct: number;
}

/** Bins of equal width, as in Guo et al. (2017). */
const binCount = 15;

/** Beyond these, a score would say nothing any more. */
const [coldest, hottest] = [0.1, 10];

/**
 * The temperature, from 0.1 to 10, that divides logits [n, classes] so that their softmax has the smallest negative
 * log-likelihood for labels [n] (Guo et al. 2017, On Calibration of Modern Neural Networks). That is convex in
 * 1 / temperature, so bisection finds where its slope is zero. It has no minimum if all examples are read correctly;
 * the temperature is 1 then.
 */
export function fitTemperature(logits: Float32Array, labels: Uint8Array): number {
  const predictions = predictClasses(logits, labels.length);
  if (labels.every((label, index) => label === predictions[index])) return 1;
  let [low, high] = [1 / hottest, 1 / coldest];
  // Halves an interval of 9.9 down to 6e-7.
  for (let round = 0; round < 24; round++) {
    const middle = (low + high) / 2;
    if (slopeOf(logits, labels, middle) > 0) high = middle;
    else low = middle;
  }
  return 2 / (low + high);
}

/** The slope of the negative log-likelihood by 1 / temperature: the sum of each expected logit less its label's. */
function slopeOf(logits: Float32Array, labels: Uint8Array, inverse: number): number {
  const classCount = logits.length / labels.length;
  let slope = 0;
  for (const [index, label] of labels.entries()) {
    const start = index * classCount;
    const own = logits[start + label] ?? 0;
    let largest = -Infinity;
    for (let at = start; at < start + classCount; at++) largest = Math.max(largest, logits[at] ?? 0);
    let [total, weighted] = [0, 0];
    for (let at = start; at < start + classCount; at++) {
      const logit = logits[at] ?? 0;
      const power = Math.exp((logit - largest) * inverse);
      total += power;
      weighted += power * (logit - own);
    }
    slope += weighted / total;
  }
  return slope;
}

/**
 * Sorts examples by the score of their prediction into 15 bins of equal width: probabilities [n, classes], labels [n].
 * Of each bin, a calibrated model reads the share correctly that its mean score says.
 */
export function reliabilityBins(probabilities: Float32Array, labels: Uint8Array): readonly ReliabilityBin[] {
  const classCount = probabilities.length / labels.length;
  const sums = Array.from({ length: binCount }, () => ({ count: 0, score: 0, correct: 0 }));
  predictClasses(probabilities, labels.length).forEach((prediction, index) => {
    const score = probabilities[index * classCount + prediction] ?? 0;
    const bin = sums[Math.min(binCount, Math.max(1, Math.ceil(score * binCount))) - 1];
    if (bin === undefined) return;
    bin.count++;
    bin.score += score;
    if (prediction === labels[index]) bin.correct++;
  });
  return sums.map(({ count, score, correct }, index) => ({
    low: index / binCount,
    high: (index + 1) / binCount,
    count,
    score: count === 0 ? 0 : score / count,
    correct,
  }));
}

/**
 * The expected calibration error, 0 to 1: the distance of accuracy and mean score, averaged over 15 bins of equal width
 * weighted by their examples (Naeini et al. 2015; Guo et al. 2017). Probabilities [n, classes], labels [n].
 */
export function expectedCalibrationError(probabilities: Float32Array, labels: Uint8Array): number {
  return calibrationError(reliabilityBins(probabilities, labels));
}

/** The expected calibration error of bins, 0 to 1. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const gaps = bins.map(({ count, score, correct }) => Math.abs(correct - count * score));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return sum(gaps) / sum(bins.map(({ count }) => count));
}
