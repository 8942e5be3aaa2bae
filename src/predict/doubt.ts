import { heightOf, type InkBox, widthOf } from './ink-box.ts';
import type { Judgment } from './judge-images.ts';

/** A digit is not claimed below this score, nor below the next one where a single other digit has most of the rest. */
const leastScore = 0.5;
const leastBeforeOne = 0.6;
const mostOfAll = 0.85;

/** Why a digit is not claimed; `undefined` where it is. */
export function doubtOf({ ranking: [best, second], isFamiliar, box }: Judged): string | undefined {
  const score = best?.score ?? 0;
  const both = score + (second?.score ?? 0);
  const unsure = widthOf(box) > 1.2 * heightOf(box) ? 'several digits touch' : noDigit;
  // What is unlike all training images has no second reading, however sure the best one seems.
  if (!isFamiliar) return unsure;
  if (score < leastBeforeOne && both >= mostOfAll) {
    return `two readings are near: ${best?.digit} or ${second?.digit}`;
  }
  return score < leastScore ? unsure : undefined;
}

interface Judged extends Judgment {
  readonly box: InkBox;
}

/** The doubt of what looks like none of the ten digits. */
export const noDigit = 'no digit';
