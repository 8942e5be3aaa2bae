import { mapToBytes, type PixelPlanes } from './gray-image.ts';

/** Takes the rows of a large picture, in any order, and keeps only their averages over squares. */
export interface RowReducer {
  readonly addRow: (row: number, gray: Uint8Array, alpha: Uint8Array) => void;
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
  const columns = Uint32Array.from({ length: size.width }, (_, x) => Math.floor(x / factor));
  let isOpaque = true;
  return {
    addRow: (row, gray, alpha) => {
      const start = Math.floor(row / factor) * width;
      for (let x = 0; x < size.width; x++) {
        const at = start + (columns[x] ?? 0);
        const opacity = alpha[x] ?? 255;
        const weight = opacity + leastWeight;
        if (opacity !== 255) isOpaque = false;
        graySums[at] = (graySums[at] ?? 0) + (gray[x] ?? 0) * weight;
        weightSums[at] = (weightSums[at] ?? 0) + weight;
        counts[at] = (counts[at] ?? 0) + 1;
      }
    },
    finish: () => ({
      width,
      height,
      gray: mapToBytes(graySums, (sum, at) => Math.round(sum / (weightSums[at] ?? 1))),
      alpha: isOpaque ? undefined : averageAlpha(weightSums, counts),
    }),
  };
}

/** Where no pixel is opaque at all, the alpha channel was left unused: many BMP writers fill it with zeros. */
function averageAlpha(sums: Float64Array, counts: Uint32Array): Uint8Array | undefined {
  const alpha = mapToBytes(sums, (sum, at) => Math.round(sum / Math.max(1, counts[at] ?? 1)));
  const isUnused = alpha.every((value) => value === 0);
  return isUnused ? undefined : alpha;
}
