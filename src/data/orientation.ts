import type { Examples } from './split.ts';
import {
  countRivals,
  isSecondRight,
  makeThumbnail,
  nearestClass,
  normalize,
  sampleIndices,
  thumbnailSide,
  thumbnailSize,
} from './thumbnails.ts';

/** How digits lie: as they are written, with rows and columns exchanged as EMNIST's, or unknown. */
export type Orientation = 'upright' | 'transposed' | 'unknown';

/**
 * Tells how digits lie: each is compared with MNIST's mean digits, as it is and transposed, and the label says which is right.
 * Images that are no digits, or whose labels are not theirs, are right in neither way: nothing shows it, and nothing is claimed.
 */
export function judgeOrientation(examples: Examples): Orientation {
  const answers = sampleIndices(examples.count, 500).map((index) => {
    const thumbnail = makeThumbnail(examples, index);
    const label = examples.labels[index];
    const isUpright = nearestClass(thumbnail, meanDigits()) === label;
    return [isUpright, nearestClass(transposeThumbnail(thumbnail), meanDigits()) === label] as const;
  });
  if (isSecondRight(countRivals(answers))) return 'transposed';
  const swapped = answers.map(([upright, transposed]) => [transposed, upright] as const);
  return isSecondRight(countRivals(swapped)) ? 'upright' : 'unknown';
}

/** The same images with rows and columns exchanged: [count, 28, 28], new bytes. */
export function transposeImages(images: Uint8Array): Uint8Array {
  const transposed = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += 784) {
    for (let row = 0; row < 28; row++) {
      for (let column = 0; column < 28; column++) {
        transposed[start + column * 28 + row] = images[start + row * 28 + column] ?? 0;
      }
    }
  }
  return transposed;
}

function transposeThumbnail(thumbnail: Float32Array): Float32Array {
  return thumbnail.map((_, at) => {
    const [row, column] = [Math.floor(at / thumbnailSide), at % thumbnailSide];
    return thumbnail[column * thumbnailSide + row] ?? 0;
  });
}

let means: readonly Float32Array[] | undefined;

function meanDigits(): readonly Float32Array[] {
  means ??= Array.from({ length: 10 }, (_, digit) =>
    normalize(Float32Array.from(encodedMeans.subarray(digit * thumbnailSize, (digit + 1) * thumbnailSize))),
  );
  return means;
}

/** The mean of MNIST's 60,000 training images of each digit, 0 to 9, in 7 x 7 means of 4 x 4 pixels, a byte each. */
const encodedMeans = Buffer.from(
  [
    'AAAAAQEAAAACJHqGKQAAFIB4bHYEAEaAEzCACABnYiFzWAMANp6bXw8AAAEGBwEAAAAAAAAAAAAAAAQ/SA0AAAADcU8DAAAABKcb',
    'AAAAACKbCgAAAAZDZRABAAAABAUBAAAAAAQLBgEAAA1QiHEXAAAOKjV1JQAACCledRcCATyMp3k5CQEyc1dFKgQAAAEBAQAAAAAB',
    'AgEAAAATWIhlEQABDyphfxYAAARGnX8TAAITGCN5LAADMniMaRAAAAQQEgQAAAAAAAAAAAAABRoZKyECABRkMW4rAQAzm2WiIQEA',
    'G01/chEAAAEUTDsIAAAABQ0JAQAAAAAAAQAAAAMiU1o7CgALZXBBJgkAEHl3Sw4AABglOWEfAQAgbX1VDwAAAQ0RBQAAAAAFFBgF',
    'AAACIGNBCQAAB1JfGQwAABOFa31EBAAWnI2KQQIABD5zPgcAAAAAAAAAAAAAAAAAAAAABxgiHggABDSEh6YxAAEUISaSFgAAAw5t',
    'XAYAAAIqdCIBAAAFJzMOAQAAAAAAAAAAAAMncXAmAgAOaWF2QwUAB1KycREBAAtrg1AOAAAWe4pQCwAAAREYBgAAAAAAAAAAAAAB',
    'EEM2BwAAEXdlhR8AACN9b6ESAAAJM2lmBwAAARZaOgcAAAETJBYEAA==',
  ].join(''),
  'base64',
);
