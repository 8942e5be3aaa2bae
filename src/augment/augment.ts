import type { Random } from '../core/random.ts';
import { pixelateDigit } from './pixelate.ts';
import { redrawDigit } from './redraw.ts';
import { type WarpLimits, warpImage } from './warp.ts';

/** How much training images are varied; each includes those before. */
export const augmentLevels = ['none', 'shift', 'affine', 'elastic', 'pens'] as const;

export type AugmentLevel = (typeof augmentLevels)[number];

/** Limits of a warp other than those of a level. */
export type Strengths = { readonly [name in keyof WarpLimits]?: number | undefined };

/** The options of a command that set them. */
export interface StrengthOptions {
  readonly augmentShift?: number | undefined;
  readonly augmentRotation?: number | undefined;
  readonly augmentScale?: number | undefined;
  readonly augmentShear?: number | undefined;
  readonly augmentElastic?: number | undefined;
}

export function toStrengths(options: StrengthOptions): Strengths {
  return {
    shift: options.augmentShift,
    rotation: options.augmentRotation,
    scale: options.augmentScale,
    shear: options.augmentShear,
    elastic: options.augmentElastic,
  };
}

/** Shares of the images that `pens` draws anew, and pixelates. */
const redrawnShare = 0.33;
const pixelatedShare = 0.06;

const none: WarpLimits = { shift: 0, rotation: 0, scale: 0, shear: 0, elastic: 0 };
const shift: WarpLimits = { ...none, shift: 1.2 };
const affine: WarpLimits = { ...shift, rotation: 8, scale: 0.08, shear: 0.1 };
const elastic: WarpLimits = { ...affine, elastic: 0.5 };

const levelLimits = { none, shift, affine, elastic, pens: elastic };

/** How far a level warps images, with the strengths given in place of its own. */
export function limitsOf(level: AugmentLevel, strengths: Strengths = {}): WarpLimits {
  const limits = levelLimits[level];
  return {
    shift: strengths.shift ?? limits.shift,
    rotation: strengths.rotation ?? limits.rotation,
    scale: strengths.scale ?? limits.scale,
    shear: strengths.shear ?? limits.shear,
    elastic: strengths.elastic ?? limits.elastic,
  };
}

/** An image [28, 28] of bytes, warped and some of them drawn anew or pixelated, as `pens` does, by `numbers`. */
export function varyPen(image: Uint8Array, limits: WarpLimits, numbers: Random): Uint8Array {
  const chosen = numbers.uniform();
  if (chosen >= redrawnShare + pixelatedShare) return warpImage(image, limits, numbers.uniform);
  // Framing takes out the shift, and the softness that warping leaves.
  const warped = warpImage(image, { ...limits, shift: 0 }, numbers.uniform);
  return chosen < redrawnShare ? redrawDigit(warped, numbers) : pixelateDigit(warped, numbers);
}
