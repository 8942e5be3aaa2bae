import type { Random } from '../core/random.ts';

const side = 28;

/** Blurs an image [28, 28] by a Gaussian of this standard deviation in pixels; what spreads beyond the edge is lost. */
export function blurImage(image: Uint8Array, deviation: number): Uint8Array {
  const kernel = createGaussian(deviation);
  // Clamped arrays round and cut off by themselves.
  return new Uint8Array(new Uint8ClampedArray(spreadRows(spreadRows(image, kernel), kernel)));
}

/** Adds Gaussian noise of this standard deviation in gray levels to each pixel of an image, cut off at 0 and 255. */
export function addNoise(image: Uint8Array, deviation: number, numbers: Random): Uint8Array {
  const noisy = new Uint8ClampedArray(image.length);
  for (let at = 0; at < noisy.length; at++) noisy[at] = (image[at] ?? 0) + deviation * numbers.normal();
  return new Uint8Array(noisy.buffer);
}

/**
 * Covers a square of `size` x `size` pixels of an image [28, 28] with paper, its middle on a pixel of the ink, each as
 * likely (like cutout, DeVries and Taylor, 2017, whose squares may miss the ink). An image without ink stays as it is.
 */
export function occludeImage(image: Uint8Array, size: number, numbers: Random): Uint8Array {
  const inked: number[] = [];
  for (let at = 0; at < image.length; at++) if ((image[at] ?? 0) >= 128) inked.push(at);
  const center = inked[numbers.integer(inked.length)];
  const occluded = Uint8Array.from(image);
  if (center === undefined) return occluded;
  const left = (center % side) - Math.floor(size / 2);
  const top = Math.floor(center / side) - Math.floor(size / 2);
  for (let row = Math.max(0, top); row < Math.min(side, top + size); row++)
    occluded.fill(0, row * side + Math.max(0, left), row * side + Math.min(side, left + size));
  return occluded;
}

/** Blends an image with its negative: 0 percent is the image, 50 a plain gray, 100 black ink on white paper. */
export function invertContrast(image: Uint8Array, percent: number): Uint8Array {
  const share = percent / 100;
  return image.map((value) => Math.round((1 - share) * value + share * (255 - value)));
}

/** The weights of a Gaussian at whole pixels, up to three standard deviations to either side; their sum is 1. */
function createGaussian(deviation: number): Float64Array {
  const reach = Math.ceil(3 * deviation);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Spreads the ink of each row of [28, 28] along it, and gives the rows as columns: twice gives them back as rows. */
function spreadRows(values: Uint8Array | Float64Array, kernel: Float64Array): Float64Array {
  const reach = (kernel.length - 1) / 2;
  const spread = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (value === 0) continue;
    const column = at % side;
    const row = (at - column) / side;
    const last = Math.min(side - 1, column + reach);
    for (let to = Math.max(0, column - reach); to <= last; to++) {
      const place = to * side + row;
      spread[place] = (spread[place] ?? 0) + value * (kernel[to - column + reach] ?? 0);
    }
  }
  return spread;
}
