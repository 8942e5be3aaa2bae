import sharp from 'sharp';
import { random } from '../../../src/core/random.ts';
import { between, digitBox } from './canvas.ts';

/**
 * A picture of 16 x 16 as in USPS: the digit's box fills it with its proportions (LeCun et al. 1990, Handwritten Digit
 * Recognition with a Back-Propagation Network), light on black, a third of them gray. `[28, 28]` bytes -> PNG.
 */
export async function makeUspsDigit(digit: Uint8Array, seed: number, index: number): Promise<Uint8Array> {
  const numbers = random(seed, 'usps', index);
  const filled = await fillSquare(digit, 16, 'contain');
  const share = numbers.uniform() < 1 / 3 ? between(numbers, 0.5, 1) : 1;
  return encodeSquare(
    filled.map((value) => Math.round(value * share)),
    16,
  );
}

/** A picture of 16 x 16 that the digit's box fills, as wide as it is high unless it is as narrow as a 1. */
export async function makeStretchedDigit(digit: Uint8Array): Promise<Uint8Array> {
  const box = digitBox(digit);
  const isNarrow = box.right - box.left < (box.bottom - box.top) / 2;
  return encodeSquare(await fillSquare(digit, 16, isNarrow ? 'contain' : 'fill'), 16);
}

/**
 * A picture of 8 x 8 as in scikit-learn: the digit's box fills 32 x 32 pixels of black or white, and those of each
 * 4 x 4 block are counted: 0 to 16 (Alpaydin and Kaynak, optical recognition of handwritten digits, UCI 1998).
 * `[28, 28]` bytes -> PNG, 255 for a count of 16.
 */
export async function makeScikitDigit(digit: Uint8Array): Promise<Uint8Array> {
  const filled = await fillSquare(digit, 32, 'contain');
  const counts = new Uint8Array(64);
  filled.forEach((value, at) => {
    const block = Math.floor(at / 128) * 8 + Math.floor((at % 32) / 4);
    counts[block] = (counts[block] ?? 0) + (value >= 128 ? 1 : 0);
  });
  return encodeSquare(
    counts.map((count) => Math.round((count * 255) / 16)),
    8,
  );
}

/** The digit's box scaled to a square of `side` pixels: gray levels, light on black. */
async function fillSquare(digit: Uint8Array, side: number, fit: 'fill' | 'contain'): Promise<Uint8Array> {
  const box = digitBox(digit);
  const cut = { left: box.left, top: box.top, width: box.right - box.left, height: box.bottom - box.top };
  return sharp(Buffer.from(digit), { raw: { width: 28, height: 28, channels: 1 } })
    .extract(cut)
    .resize(side, side, { fit, kernel: 'linear', background: 'black' })
    .extractChannel(0)
    .raw()
    .toBuffer();
}

function encodeSquare(pixels: Uint8Array, side: number): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
}
