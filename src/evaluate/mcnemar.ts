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
  /** Examples on which one model alone is right: the others say nothing about a difference. */
  readonly discordant: number;
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
 * McNemar's test of whether two models are equally good (McNemar 1947, Psychometrika 12: 153-157), exact by the binomial
 * distribution.
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
  const tail = binomialTail(discordant, Math.min(onlyFirst, onlySecond));
  return { discordant, pValue: Math.min(1, 2 * tail) };
}

/** The probability of at most so many heads among `count` fair coins. */
function binomialTail(count: number, most: number): number {
  // By logarithms, since the number of ways soon exceeds what a double can hold.
  let logarithm = -count * Math.LN2;
  for (let heads = 1; heads <= most; heads++) logarithm += Math.log((count - most + heads) / heads);
  let probability = Math.exp(logarithm);
  let sum = 0;
  for (let heads = most; heads >= 0 && probability > sum * Number.EPSILON; heads--) {
    sum += probability;
    probability *= heads / (count - heads + 1);
  }
  return sum;
}
