import { counterKey } from '../core/counter.ts';
import { type Random, random } from '../core/random.ts';
import { type Examples, imageAt, takeExamples } from '../data/split.ts';
import { type AugmentLevel, limitsOf, type Strengths, varyPen } from './augment.ts';
import { drawNonDigit } from './non-digit.ts';
import { drawRegional } from './regional.ts';
import { type WarpLimits, warpImage, warpNumbers } from './warp.ts';

/** How the training images differ from epoch to epoch. */
export interface Variation {
  readonly augment: AugmentLevel;
  /** In place of the level's own. */
  readonly strengths?: Strengths | undefined;
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

/** The key of the numbers by which all images are warped in an epoch. Native code draws the same ones. */
export function warpKey(seed: number, epoch: number): number {
  return counterKey(seed, 'warp', epoch);
}

/** How images are warped, where that is all that happens to them: native code does it then (native/warp.h). */
export function findPlainWarp({ augment, strengths, nonDigits }: Variation): WarpLimits | undefined {
  const isPlain = augment !== 'none' && augment !== 'pens' && nonDigits === 0;
  return isPlain ? limitsOf(augment, strengths) : undefined;
}

/**
 * Takes batches of varied examples. Indices from `examples.count` on are pictures of no digit, labeled `noDigit`, so that
 * the network learns to be unsure of them (outlier exposure, Hendrycks et al., 2019). Each image follows from seed, epoch
 * and index, so a resumed run needs no stored state. Returns `undefined` where nothing varies.
 */
export function createTakeBatch(examples: Examples, variation: Variation): TakeBatch | undefined {
  const { augment, strengths, nonDigits, seed } = variation;
  if (augment === 'none' && nonDigits === 0) return undefined;
  const limits = limitsOf(augment, strengths);
  return (indices, epoch) => {
    const known = indices.map((index) => (index < examples.count ? index : 0));
    const { images, labels, count } = takeExamples(examples, known);
    const key = warpKey(seed, epoch);
    indices.forEach((index, at) => {
      const numbers = random(seed, 'augment', epoch, index);
      let image: Uint8Array = images.subarray(at * 784, (at + 1) * 784);
      if (index >= examples.count) {
        labels[at] = noDigit;
        image = drawNoDigit(examples, numbers);
      } else if (augment === 'pens') image = drawRegional(labels[at] ?? 0, numbers) ?? image;
      if (augment === 'pens') image = varyPen(image, limits, numbers);
      else if (augment !== 'none') image = warpImage(image, limits, warpNumbers(key, index));
      images.set(image, at * 784);
    });
    return { images, labels, count };
  };
}

function drawNoDigit(examples: Examples, numbers: Random): Uint8Array {
  return drawNonDigit(() => {
    const picked = numbers.integer(examples.count);
    return { image: imageAt(examples, picked), label: examples.labels[picked] ?? 0 };
  }, numbers);
}
