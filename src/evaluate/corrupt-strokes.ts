import type { Random } from '../core/random.ts';
import { isFirstWay } from './corrupt-place.ts';

const side = 28;

/**
 * Makes the strokes of an image [28, 28] thinner or thicker by this many pixels, each as likely: erosion or
 * dilation of gray values (Serra, Image Analysis and Mathematical Morphology, 1982), as Morpho-MNIST does to binary ones
 * (Castro et al., JMLR 20, 2019).
 */
export function changeStrokeWidth(image: Uint8Array, pixels: number, numbers: Random): Uint8Array {
  if (!isFirstWay(numbers)) return dilate(image, pixels / 2);
  // Strokes become thinner where the paper between them grows.
  const paper = dilate(invert(image), pixels / 2);
  return invert(paper);
}

/** Gives every pixel the most ink of those within `radius`, with a soft rim of one pixel; 0 changes nothing. */
function dilate(image: Uint8Array, radius: number): Uint8Array {
  const pen = createPen(radius);
  const dilated = Uint8Array.from(image);
  for (let at = 0; at < image.length; at++) {
    const ink = image[at] ?? 0;
    if (ink === 0 || isSurrounded(image, at)) continue;
    const column = at % side;
    const row = (at - column) / side;
    for (const { right, down, weight } of pen) {
      const x = column + right;
      const y = row + down;
      if (x < 0 || y < 0 || x >= side || y >= side) continue;
      const spread = Math.round(weight * ink);
      if (spread > (dilated[y * side + x] ?? 0)) dilated[y * side + x] = spread;
    }
  }
  return dilated;
}

/** A pixel that a round pen covers, from its middle, and how much of it. */
interface PenPixel {
  readonly right: number;
  readonly down: number;
  readonly weight: number;
}

function createPen(radius: number): readonly PenPixel[] {
  const reach = Math.ceil(radius);
  const steps = Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach);
  return steps
    .flatMap((down) =>
      steps.map((right) => {
        const weight = Math.min(1, Math.max(0, radius + 1 - Math.hypot(right, down)));
        return { right, down, weight };
      }),
    )
    .filter(({ weight }) => weight > 0);
}

/** Whether as much ink lies on all four sides: they reach whatever the pixel reaches, and are nearer. */
function isSurrounded(image: Uint8Array, at: number): boolean {
  const ink = image[at] ?? 0;
  return (
    (image[at - 1] ?? 0) >= ink &&
    (image[at + 1] ?? 0) >= ink &&
    (image[at - side] ?? 0) >= ink &&
    (image[at + side] ?? 0) >= ink
  );
}

function invert(image: Uint8Array): Uint8Array {
  return image.map((value) => 255 - value);
}
