import { TrainerError } from '../core/errors.ts';

/** How often two models are right on the same examples. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
}

/** What McNemar's test says of two models. */
export interface McNemarTest {
  /** `exact` is the binomial test; `chi-square` its approximation for many examples. */
  readonly method: 'exact' | 'chi-square';
  /** Examples on which one model alone is right: the others say nothing about a difference. */
  readonly discordant: number;
  /** (|b - c| - 1)^2 / (b + c), with one degree of freedom; absent where the test is exact. */
  readonly statistic?: number;
  /** How probable a split at least as uneven is where both models are equally good: 0 to 1, both sides. */
  readonly pValue: number;
}

/**
 * Counts on which examples both, one or none of two models are right: labels and predictions [n] each.
 *
 * @throws TrainerError `E_INTERNAL` where the lengths differ.
 */
export function countPairs(labels: Uint8Array, first: Uint8Array, second: Uint8Array): PairedCounts {
  if (first.length !== labels.length || second.length !== labels.length) {
    throw new TrainerError(
      'E_INTERNAL',
      `cannot compare predictions: ${labels.length} labels, ${first.length} and ${second.length} predictions`,
    );
  }
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  labels.forEach((label, index) => {
    const isFirst = first[index] === label;
    const isSecond = second[index] === label;
    counts[isFirst ? (isSecond ? 'both' : 'onlyFirst') : isSecond ? 'onlySecond' : 'neither']++;
  });
  return counts;
}

/**
 * McNemar's test of whether two models are equally good (McNemar 1947, Psychometrika 12: 153-157): exact, by the
 * binomial distribution, for fewer than 25 discordant examples, else by chi-square with Edwards' continuity correction.
 *
 * @throws TrainerError `E_INTERNAL` where a count is not a whole number from 0 on.
 */
export function testMcNemar(onlyFirst: number, onlySecond: number): McNemarTest {
  if (![onlyFirst, onlySecond].every((count) => Number.isInteger(count) && count >= 0)) {
    throw new TrainerError(
      'E_INTERNAL',
      `cannot test ${onlyFirst} against ${onlySecond}: expected whole numbers from 0 on`,
    );
  }
  const discordant = onlyFirst + onlySecond;
  if (discordant < FEWEST_FOR_CHI_SQUARE) {
    return { method: 'exact', discordant, pValue: binomialPValue(onlyFirst, onlySecond) };
  }
  const difference = Math.max(0, Math.abs(onlyFirst - onlySecond) - 1);
  const statistic = difference ** 2 / discordant;
  return {
    method: 'chi-square',
    discordant,
    statistic,
    pValue: complementaryError(Math.sqrt(statistic / 2)),
  };
}

/** Below this the approximation is poor. */
const FEWEST_FOR_CHI_SQUARE = 25;

/** Twice the probability of at most the smaller count among n fair coins, at most 1. */
function binomialPValue(first: number, second: number): number {
  const count = first + second;
  let ways = 1;
  let sum = 0;
  for (let heads = 0; heads <= Math.min(first, second); heads++) {
    sum += ways;
    ways = (ways * (count - heads)) / (heads + 1);
  }
  return Math.min(1, (2 * sum) / 2 ** count);
}

/**
 * The complementary error function, x from 0 on, to about 14 digits: its Taylor series (Abramowitz and Stegun, 7.1.6)
 * below 2, beyond that its continued fraction (7.1.14), from the inside out.
 */
function complementaryError(x: number): number {
  const bell = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2) {
    let term = 2 * x;
    let sum = 0;
    for (let n = 1; term > sum * 1e-17; n++) {
      sum += term;
      term *= (2 * x * x) / (2 * n + 1);
    }
    return 1 - bell * sum;
  }
  let fraction = x;
  for (let n = 120; n >= 1; n--) fraction = x + n / 2 / fraction;
  return bell / fraction;
}
