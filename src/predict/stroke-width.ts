import type { InkPatch } from './frame-digit.ts';

/**
 * The mean width of a mask's strokes in pixels: four times the mean distance of ink pixels from the stroke's edge, by
 * the chamfer 3-4 distance (Borgefors, 1986).
 */
export function measureThickness(image: {
  readonly width: number;
  readonly height: number;
  readonly mask: Uint8Array;
}): number {
  const distances = measureDistances(image);
  let sum = 0;
  let count = 0;
  for (const distance of distances) {
    if (distance === 0) continue;
    sum += distance / 3 - 0.5;
    count += 1;
  }
  return count === 0 ? 0 : (4 * sum) / count;
}

/** Widens strokes by `radius` pixels on each side: every pixel gets the darkest ink within that distance. */
export function thicken(patch: InkPatch, radius: number): InkPatch {
  const { width, height, ink } = patch;
  const thick = Float32Array.from(ink);
  const disc = softDisc(radius);
  const reach = (Math.sqrt(disc.length) - 1) / 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const value = ink[at] ?? 0;
      if (value === 0 || isSurrounded(patch, at, value)) continue;
      const first = Math.max(0, x - reach);
      const last = Math.min(width - 1, x + reach);
      for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
        let from = (row - y + reach) * (2 * reach + 1) + first - x + reach;
        for (let to = row * width + first; to <= row * width + last; to++, from++) {
          const spread = value * (disc[from] ?? 0);
          if (spread > (thick[to] ?? 0)) thick[to] = spread;
        }
      }
    }
  }
  return { width, height, ink: thick };
}

/** A disc in a square of an odd number of pixels a side: 1 inside, with a soft rim of one pixel. */
function softDisc(radius: number): Float32Array {
  const reach = Math.ceil(radius);
  const side = 2 * reach + 1;
  return Float32Array.from({ length: side * side }, (_, at) => {
    const distance = Math.hypot((at % side) - reach, Math.floor(at / side) - reach);
    return Math.min(1, Math.max(0, radius + 0.5 - distance));
  });
}

/** Whether ink as dark lies on all four sides: what it would spread to, they reach, too. */
function isSurrounded({ width, ink }: InkPatch, at: number, value: number): boolean {
  return (
    (ink[at - 1] ?? 0) >= value &&
    (ink[at + 1] ?? 0) >= value &&
    (ink[at - width] ?? 0) >= value &&
    (ink[at + width] ?? 0) >= value
  );
}

/** Three times the distance to the nearest pixel without ink; beyond the picture there is none. */
function measureDistances(image: {
  readonly width: number;
  readonly height: number;
  readonly mask: Uint8Array;
}): Uint16Array {
  const { width, height, mask } = image;
  const padded = width + 2;
  const distances = new Uint16Array(padded * (height + 2));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] !== 0) distances[(y + 1) * padded + x + 1] = 60_000;
    }
  }
  const relax = (at: number, direction: number) => {
    const here = distances[at] ?? 0;
    if (here === 0) return;
    const straight = Math.min(distances[at - direction] ?? 0, distances[at - direction * padded] ?? 0) + 3;
    const slanted =
      Math.min(distances[at - direction * (padded + 1)] ?? 0, distances[at - direction * (padded - 1)] ?? 0) +
      4;
    distances[at] = Math.min(here, straight, slanted);
  };
  for (let at = padded; at < distances.length - padded; at++) relax(at, 1);
  for (let at = distances.length - padded - 1; at >= padded; at--) relax(at, -1);
  return distances;
}
