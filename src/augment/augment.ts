import type { Random } from '../core/random.ts';
import { pixelateDigit } from './pixelate.ts';
import { redrawDigit } from './redraw.ts';
import { type WarpLimits, warpImage } from './warp.ts';

/** How much training images are varied; each includes those before. */
export const augmentLevels = ['none', 'shift', 'affine', 'elastic', 'pens'] as const;

export type AugmentLevel = (typeof augmentLevels)[number];

/** Shares of the images that `pens` draws anew, and pixelates. */
const redrawnShare = 0.33;
const pixelatedShare = 0.06;

const shift: WarpLimits = { shift: 1.2, rotation: 0, scale: 0, shear: 0, elastic: 0 };
const affine: WarpLimits = { ...shift, rotation: (8 / 180) * Math.PI, scale: 0.08, shear: 0.1 };
const elastic: WarpLimits = { ...affine, elastic: 0.5 };

const limits = { shift, affine, elastic, pens: elastic };

/** An image [28, 28] of bytes, varied by the numbers of `numbers`: a new one, or the same where there is nothing to do. */
export function augmentImage(image: Uint8Array, level: AugmentLevel, numbers: Random): Uint8Array {
  if (level === 'none') return image;
  if (level !== 'pens') return warpImage(image, limits[level], numbers);
  const chosen = numbers.uniform();
  if (chosen >= redrawnShare + pixelatedShare) return warpImage(image, elastic, numbers);
  // Framing takes out the shift, and the softness that warping leaves.
  const warped = warpImage(image, { ...elastic, shift: 0 }, numbers);
  return chosen < redrawnShare ? redrawDigit(warped, numbers) : pixelateDigit(warped, numbers);
}
