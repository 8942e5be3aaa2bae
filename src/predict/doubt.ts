import { logSumExp } from '../core/softmax.ts';
import type { Trust } from '../model/metadata.ts';
import { heightOf, type InkBox, widthOf } from './ink-box.ts';
import type { RankedDigit } from './rank-digits.ts';

/** Below this score a digit is not claimed. */
const leastScore = 0.7;

/** Why a digit is not claimed; `undefined` where it is. */
export function doubtOf(
  { logits, ranking: [best, second], box }: Judged,
  { floor = -Infinity }: Trust,
): string | undefined {
  const score = best?.score ?? 0;
  const isFamiliar = logSumExp(logits) >= floor;
  if (isFamiliar && score >= leastScore) return undefined;
  // What is unlike all training images has no second reading, however sure the best one seems.
  const isBetweenTwo = score < leastScore && score + (second?.score ?? 0) >= 0.85;
  if (best !== undefined && second !== undefined && isBetweenTwo) {
    return `two readings are near: ${best.digit} or ${second.digit}`;
  }
  return widthOf(box) > 1.2 * heightOf(box) ? 'several digits touch' : noDigit;
}

interface Judged {
  readonly logits: Float32Array;
  readonly ranking: readonly RankedDigit[];
  readonly box: InkBox;
}

/** The doubt of what looks like none of the ten digits. */
export const noDigit = 'no digit';
