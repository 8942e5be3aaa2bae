import type { PixelPlanes } from './row-reducer.ts';

/** A picture as `width * height` bytes, 0 black to 255 white, top row first. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/**
 * Lays a picture with transparency on paper on which its ink can be seen. Where little is transparent, the paper is
 * the picture's own, the median of its opaque pixels; where most is, it is white under dark ink and black under light.
 */
export function flattenAlpha(planes: PixelPlanes): GrayImage {
  const { width, height, gray, alpha } = planes;
  if (alpha === undefined) return { width, height, pixels: gray };
  const paper = choosePaper(gray, alpha);
  const pixels = gray.map((value, at) => {
    const opacity = (alpha[at] ?? 255) / 255;
    return Math.round(value * opacity + paper * (1 - opacity));
  });
  return { width, height, pixels };
}

function choosePaper(gray: Uint8Array, alpha: Uint8Array): number {
  const opaque = gray.filter((_, at) => (alpha[at] ?? 0) >= 128).sort();
  const median = opaque[Math.floor(opaque.length / 2)] ?? 0;
  if (opaque.length > gray.length / 2) return median;
  return median < 128 ? 255 : 0;
}
