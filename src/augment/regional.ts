import type { Random } from '../core/random.ts';
import { drawVariant } from '../data/synthetic.ts';
import { regionalVariants } from './regional-strokes.ts';

/** The share of each digit's images that are drawn anew: most where the ways of writing differ most. */
const shares = [0.03, 0.25, 0.05, 0.04, 0.1, 0.08, 0.06, 0.15, 0.06, 0.1];

/** Now and then a digit as it is written in other countries, [28, 28]; `undefined` where the image is to stay. */
export function drawRegional(digit: number, numbers: Random): Uint8Array | undefined {
  if (numbers.uniform() >= (shares[digit] ?? 0)) return undefined;
  return drawVariant(regionalVariants[digit] ?? [], numbers);
}
