import { random } from '../core/random.ts';
import { type Examples, imageAt, takeExamples } from '../data/split.ts';
import { type AugmentLevel, augmentImage } from './augment.ts';
import { drawNonDigit } from './non-digit.ts';
import { drawRegional } from './regional.ts';

/** How the training images differ from epoch to epoch. */
export interface Variation {
  readonly augment: AugmentLevel;
  /** Number of extra pictures of no digit, as a share of the training images. */
  readonly nonDigits: number;
  readonly seed: number;
}

/** The examples of a batch in an epoch, which counts from 1. */
export type TakeBatch = (indices: Uint32Array, epoch: number) => Examples;

/** The label of pictures of no digit, one more than the digits': training wants each digit with a tenth there. */
export const noDigit = 10;

/** How many examples an epoch has, the pictures of no digit included. */
export function countTrainingExamples(count: number, nonDigits: number): number {
  return count + Math.round(count * nonDigits);
}

/**
 * Takes batches of varied examples. Indices from `examples.count` on are pictures of no digit, labeled `noDigit`, so that
 * the network learns to be unsure of them (outlier exposure, Hendrycks et al., 2019). Each image follows from seed, epoch
 * and index, so a resumed run needs no stored state. Returns `undefined` where nothing varies.
 */
export function createTakeBatch(examples: Examples, variation: Variation): TakeBatch | undefined {
  const { augment, nonDigits, seed } = variation;
  if (augment === 'none' && nonDigits === 0) return undefined;
  return (indices, epoch) => {
    const known = indices.map((index) => (index < examples.count ? index : 0));
    const { images, labels, count } = takeExamples(examples, known);
    indices.forEach((index, at) => {
      const numbers = random(seed, 'augment', epoch, index);
      let image = images.subarray(at * 784, (at + 1) * 784);
      if (index >= examples.count) {
        labels[at] = noDigit;
        image = drawNonDigit(() => {
          const picked = numbers.integer(examples.count);
          return { image: imageAt(examples, picked), label: examples.labels[picked] ?? 0 };
        }, numbers);
      } else if (augment === 'pens') image = drawRegional(labels[at] ?? 0, numbers) ?? image;
      images.set(augmentImage(image, augment, numbers), at * 784);
    });
    return { images, labels, count };
  };
}
