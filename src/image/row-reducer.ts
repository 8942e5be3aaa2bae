import type { PixelPlanes } from './gray.ts';

/** Takes the rows of a large picture, in any order, and keeps only their averages over squares. */
export interface RowReducer {
  /** `alpha` is left out where every pixel of the row is opaque. */
  readonly addRow: (row: number, gray: Uint8Array, alpha?: Uint8Array) => void;
  readonly finish: () => PixelPlanes;
}

/** A reducer whose result has at most `maxSide` pixels in its longer side; smaller pictures keep their size. */
export function createRowReducer(
  size: { readonly width: number; readonly height: number },
  maxSide: number,
): RowReducer {
  const factor = Math.ceil(Math.max(size.width, size.height) / maxSide);
  const width = Math.ceil(size.width / factor);
  const height = Math.ceil(size.height / factor);
  // Gray is weighted by opacity, since what is transparent has no color; the least weight keeps it where all is.
  const leastWeight = 1 / 1024;
  const graySums = new Float64Array(width * height);
  const weightSums = new Float64Array(width * height);
  const counts = new Uint32Array(width * height);
  let isOpaque = true;
  return {
    addRow: (row, gray, alpha) => {
      let at = Math.floor(row / factor) * width;
      for (let start = 0; start < size.width; start += factor, at++) {
        const end = Math.min(start + factor, size.width);
        let grays = 0;
        let weights = (end - start) * (255 + leastWeight);
        if (alpha === undefined) {
          for (let x = start; x < end; x++) grays += gray[x] ?? 0;
          grays *= 255 + leastWeight;
        } else {
          weights = 0;
          for (let x = start; x < end; x++) {
            const opacity = alpha[x] ?? 255;
            if (opacity !== 255) isOpaque = false;
            grays += (gray[x] ?? 0) * (opacity + leastWeight);
            weights += opacity + leastWeight;
          }
        }
        graySums[at] = (graySums[at] ?? 0) + grays;
        weightSums[at] = (weightSums[at] ?? 0) + weights;
        counts[at] = (counts[at] ?? 0) + end - start;
      }
    },
    finish: () => ({
      width,
      height,
      gray: divide(graySums, weightSums),
      alpha: isOpaque ? undefined : averageAlpha(weightSums, counts),
    }),
  };
}

/** Where no pixel is opaque at all, the alpha channel was left unused: many BMP writers fill it with zeros. */
function averageAlpha(sums: Float64Array, counts: Uint32Array): Uint8Array | undefined {
  const alpha = divide(sums, counts);
  const isUnused = alpha.every((value) => value === 0);
  return isUnused ? undefined : alpha;
}

/** Rounded quotients; 0 where nothing was counted. */
function divide(sums: Float64Array, counts: Float64Array | Uint32Array): Uint8Array {
  const bytes = new Uint8Array(sums.length);
  for (let at = 0; at < sums.length; at++) {
    bytes[at] = Math.round((sums[at] ?? 0) / Math.max(counts[at] ?? 0, Number.EPSILON));
  }
  return bytes;
}
