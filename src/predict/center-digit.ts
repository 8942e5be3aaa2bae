import type { GrayImage } from '../image/gray.ts';
import { lookAt, type Page } from './page.ts';

/** A picture's digit and what was found on the way to it. */
export interface CenteredDigit {
  readonly page: Page;
  /** `[28, 28]`, ink light on black as in MNIST; black in a blank picture. */
  readonly framed: Uint8Array;
  /** Whether no ink was found: there is no digit to read then. */
  readonly blank: boolean;
}

/**
 * Does to a picture what MNIST's makers did: finds the polarity, takes out paper, uneven light and frames, scales the box
 * of all ink to 20 x 20 by area averages and centers it by mass in 28 x 28. A picture framed like that already is kept.
 */
export function centerDigit(image: GrayImage): CenteredDigit {
  const page = lookAt(image, true);
  const candidate = page.layouts[0]?.rows[0]?.candidates[0];
  return { page, framed: candidate?.framed ?? new Uint8Array(784), blank: candidate === undefined };
}
