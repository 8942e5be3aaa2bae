import { type AugmentLevel, type StrengthOptions, toStrengths } from '../../augment/augment.ts';
import { createTakeBatch } from '../../augment/training-examples.ts';
import type { Examples } from '../../data/split.ts';
import { takeExamples } from '../../data/split.ts';
import type { DigitCell } from '../../report/digit-grid.ts';

/** Training images of a sheet, and epochs whose variants it shows of each. */
const rowCount = 6;
const epochCount = 7;

/** How a sheet's images are varied: as `train` does with these options. */
export interface Varying extends StrengthOptions {
  readonly augment: AugmentLevel;
  readonly seed: number;
}

/** A training image as the network sees it in an epoch, which counts from 1. */
export function takeVariant(examples: Examples, index: number, epoch: number, varying: Varying): Uint8Array {
  const take = createTakeBatch(examples, { ...varying, strengths: toStrengths(varying), nonDigits: 0 });
  const indices = Uint32Array.of(index);
  return (take?.(indices, epoch) ?? takeExamples(examples, indices)).images;
}

/** A row for each of some images from `index` on: the original, then its variant in each of the first epochs. */
export function listVariants(
  examples: Examples,
  index: number,
  varying: Varying,
): { readonly cells: readonly DigitCell[]; readonly columns: number } {
  const indices = Array.from({ length: rowCount }, (_, row) => index + row).filter(
    (at) => at < examples.count,
  );
  const cells = indices.flatMap((at) => [
    { pixels: takeExamples(examples, Uint32Array.of(at)).images, caption: [`image ${at}`] },
    ...Array.from({ length: epochCount }, (_, before) => ({
      pixels: takeVariant(examples, at, before + 1, varying),
      caption: [`epoch ${before + 1}`],
    })),
  ]);
  return { cells, columns: 1 + epochCount };
}

/** Two images side by side, [28, 56]. */
export function joinImages(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(28 * 56);
  for (let row = 0; row < 28; row++) {
    joined.set(left.subarray(row * 28, (row + 1) * 28), row * 56);
    joined.set(right.subarray(row * 28, (row + 1) * 28), row * 56 + 28);
  }
  return joined;
}
