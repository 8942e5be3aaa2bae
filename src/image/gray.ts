import { grayOf, type Samples } from './color.ts';

/** Gray and opacity, 0 to 255 each, row by row from the top. */
export interface PixelPlanes {
  readonly width: number;
  readonly height: number;
  readonly gray: Uint8Array;
  /** Opacity; `undefined` where every pixel is opaque. */
  readonly alpha: Uint8Array | undefined;
}

/** A picture as `width * height` bytes, 0 black to 255 white, top row first. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Decoded samples, gray or in color, as gray and opacity. */
export function splitPlanes({ width, height, channels, data }: Samples): PixelPlanes {
  const gray = new Uint8Array(width * height);
  for (let pixel = 0, at = 0; pixel < gray.length; pixel++, at += channels) {
    const red = data[at] ?? 0;
    gray[pixel] = channels < 3 ? red : grayOf(red, data[at + 1] ?? 0, data[at + 2] ?? 0);
  }
  if (channels % 2 === 1) return { width, height, gray, alpha: undefined };
  const alpha = new Uint8Array(gray.length);
  let isOpaque = true;
  for (let pixel = 0, at = channels - 1; pixel < alpha.length; pixel++, at += channels) {
    const opacity = data[at] ?? 255;
    if (opacity !== 255) isOpaque = false;
    alpha[pixel] = opacity;
  }
  return { width, height, gray, alpha: isOpaque ? undefined : alpha };
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

/** A picture with more than 320 pixels in its longer side at half its size, by averages; a smaller one as it is. */
export function halveImage(image: GrayImage): GrayImage {
  if (Math.max(image.width, image.height) <= 320) return image;
  const width = Math.floor(image.width / 2);
  const height = Math.floor(image.height / 2);
  const pixels = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const upper = 2 * y * image.width + 2 * x;
      const lower = upper + image.width;
      const sum =
        (image.pixels[upper] ?? 0) +
        (image.pixels[upper + 1] ?? 0) +
        (image.pixels[lower] ?? 0) +
        (image.pixels[lower + 1] ?? 0);
      pixels[at] = Math.round(sum / 4);
    }
  }
  return { width, height, pixels };
}

/** The part of a picture inside a box; `right` and `bottom` are the first column and row beyond it. */
export function cropImage(
  image: GrayImage,
  box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
): GrayImage {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (y + box.top) * image.width + box.left;
    pixels.set(image.pixels.subarray(from, from + width), y * width);
  }
  return { width, height, pixels };
}

/** Makes bytes of any values; many times faster than `Uint8Array.from`, which iterates. */
export function mapToBytes(
  values: Float32Array | Float64Array | Uint8Array | Uint32Array,
  toByte: (value: number, at: number) => number,
): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at++) bytes[at] = toByte(values[at] ?? 0, at);
  return bytes;
}
