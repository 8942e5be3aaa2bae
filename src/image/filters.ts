import type { ColorImage } from './color.ts';

/** The numbers of a filter: a sum of weighted pixels, divided, and something added. */
export interface ImageFilter {
  /** The weights as they lie on the picture, the top row first; all rows have one length. */
  readonly rows: readonly (readonly number[])[];
  readonly divide: number;
  readonly plus: number;
}

/** A filter that has a name. */
export interface NamedFilter extends ImageFilter {
  readonly name: string;
  /** What it makes of a picture, in a line. */
  readonly does: string;
}

/** Rows and columns that a filter may have at most. */
export const maxFilterSide = 31;

/** The filters that are known by a name. */
export const namedFilters: readonly NamedFilter[] = [
  {
    name: 'edge',
    does: 'f(x, y) - f(x-1, y): where it gets brighter from left to right',
    rows: [[-1, 1]],
    divide: 1,
    plus: 0,
  },
  {
    name: 'edge-all',
    does: 'edges of every direction',
    rows: [
      [-1, -1, -1],
      [-1, 8, -1],
      [-1, -1, -1],
    ],
    divide: 1,
    plus: 0,
  },
  {
    name: 'sharpen',
    does: 'the picture and its edges, added',
    rows: [
      [-1, -1, -1],
      [-1, 9, -1],
      [-1, -1, -1],
    ],
    divide: 1,
    plus: 0,
  },
  {
    name: 'emboss',
    does: 'a relief on gray, lit from one corner',
    rows: [
      [-1, -1, 0],
      [-1, 0, 1],
      [0, 1, 1],
    ],
    divide: 1,
    plus: 128,
  },
  {
    name: 'blur',
    does: 'the mean of 5 x 5 pixels',
    rows: Array.from({ length: 5 }, () => [1, 1, 1, 1, 1]),
    divide: 25,
    plus: 0,
  },
  {
    name: 'motion-blur',
    does: 'the mean of nine pixels along a diagonal',
    rows: Array.from({ length: 9 }, (_, row) => Array<number>(9).fill(0).with(row, 1)),
    divide: 9,
    plus: 0,
  },
];

/**
 * Convolves each channel of a picture with a filter, in the sense of neural networks: the filter is laid on the picture
 * without being flipped. Its middle stands over the pixel to compute; of an even number of rows or columns, the one
 * after the middle. Beyond the picture's edge its nearest pixel counts. Results are rounded and clamped to 0 to 255.
 */
export function filterImage(image: ColorImage, { rows, divide, plus }: ImageFilter): ColorImage {
  const { width, height, channels } = image;
  const anchor = { x: Math.floor((rows[0]?.length ?? 0) / 2), y: Math.floor(rows.length / 2) };
  const taps = rows.flatMap((row, y) =>
    row.flatMap((weight, x) => (weight === 0 ? [] : [{ x, y: y - anchor.y, weight }])),
  );
  const padded = padSides(image, anchor.x, (rows[0]?.length ?? 1) - 1 - anchor.x);
  const paddedSize = padded.length / height;
  const sums = new Float64Array(width * channels);
  const pixels = new Uint8Array(height * sums.length);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (const tap of taps) {
      const row = Math.min(height - 1, Math.max(0, y + tap.y));
      const from = row * paddedSize + tap.x * channels;
      for (let at = 0; at < sums.length; at++) {
        sums[at] = (sums[at] ?? 0) + tap.weight * (padded[from + at] ?? 0);
      }
    }
    for (let at = 0, to = y * sums.length; at < sums.length; at++, to++) {
      pixels[to] = Math.min(255, Math.max(0, Math.round((sums[at] ?? 0) / divide + plus)));
    }
  }
  return { width, height, channels, pixels };
}

/** Repeats the first and last pixel of each row, so that the filter finds one wherever it reaches. */
function padSides({ width, height, channels, pixels }: ColorImage, left: number, right: number): Uint8Array {
  const rowSize = width * channels;
  const paddedSize = (left + width + right) * channels;
  const padded = new Uint8Array(height * paddedSize);
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * rowSize, (y + 1) * rowSize);
    const place = padded.subarray(y * paddedSize, (y + 1) * paddedSize);
    for (let at = 0; at < left; at++) place.set(row.subarray(0, channels), at * channels);
    place.set(row, left * channels);
    for (let at = left + width; at < left + width + right; at++) {
      place.set(row.subarray(rowSize - channels), at * channels);
    }
  }
  return padded;
}
