import { TrainerError } from '../core/errors.ts';
import { formatPercent } from '../core/percent.ts';

/** The bounds of a proportion, both in [0, 1]. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The 95 % interval of a proportion by Wilson's score method (Wilson 1927, JASA 22: 209-212), which stays inside
 * [0, 1] and holds its level near 0 and 1, where the usual normal approximation fails.
 *
 * @throws TrainerError `E_INTERNAL` where `successes` is not a whole number from 0 to `count`, or `count` is 0.
 */
export function wilsonInterval(successes: number, count: number): Interval {
  checkCounts(successes, count);
  const squaredZ = Z * Z;
  const rate = successes / count;
  const center = rate + squaredZ / (2 * count);
  const margin = Z * Math.sqrt((rate * (1 - rate)) / count + squaredZ / (4 * count * count));
  const scale = 1 + squaredZ / count;
  // Rounding would leave a trace beyond the ends, where the bound is exact.
  return {
    low: successes === 0 ? 0 : (center - margin) / scale,
    high: successes === count ? 1 : (center + margin) / scale,
  };
}

/** 9831 of 10000 -> "98.31 % (95 % interval 98.04 to 98.54 %)". */
export function formatAccuracy(correct: number, count: number): string {
  const { low, high } = wilsonInterval(correct, count);
  return `${formatPercent(correct / count)} (95 % interval ${(100 * low).toFixed(2)} to ${formatPercent(high)})`;
}

/** The 97.5 % point of the standard normal distribution. */
const Z = 1.959963984540054;

function checkCounts(successes: number, count: number): void {
  const whole = Number.isInteger(successes) && Number.isInteger(count);
  if (whole && count > 0 && successes >= 0 && successes <= count) return;
  throw new TrainerError(
    'E_INTERNAL',
    `cannot measure a proportion: ${successes} of ${count} are not counts, expected 0 to n of n, n at least 1`,
  );
}
