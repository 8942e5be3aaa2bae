import { type Random, random } from '../../../src/core/random.ts';
import type { Canvas } from '../photo.ts';
import { between, createCanvas, inkDigit, lay } from './canvas.ts';
import { paperColor, penColor, photograph } from './paper.ts';

/**
 * A photo of digits side by side, `[28, 28]` bytes each. Between their boxes are gaps of 0.1 to 0.6 of the height;
 * sizes differ by up to 15 %, base lines by up to 8 % of the height.
 */
export async function makeStrip(
  digits: readonly Uint8Array[],
  seed: number,
  index: number,
): Promise<Uint8Array> {
  const numbers = random(seed, 'strip', index);
  const height = between(numbers, 40, 110);
  const base = between(numbers, 1.3, 2.2) * height;
  let end = between(numbers, 0.3, 1.2) * height;
  const inks: { readonly ink: Canvas; readonly x: number; readonly y: number }[] = [];
  for (const digit of digits) {
    const ink = await inkDigit(digit, (height / 20) * between(numbers, 0.85, 1.15), numbers);
    inks.push({ ink, x: end, y: base - ink.height + height * between(numbers, -0.08, 0.08) });
    end += ink.width + height * between(numbers, 0.1, 0.6);
  }
  const size = [end + height * between(numbers, 0, 0.8), base + height * between(numbers, 0.3, 1.2)];
  const canvas = createCanvas(Math.round(size[0] ?? 0), Math.round(size[1] ?? 0));
  for (const { ink, x, y } of inks) lay(canvas, ink, { x, y });
  return photographInk(canvas, numbers);
}

/** One pen's ink on paper. */
export function photographInk(canvas: Canvas, numbers: Random): Promise<Uint8Array> {
  const { width, height, pixels } = canvas;
  const paper = paperColor(numbers);
  return photograph({ width, height, paper, layers: [{ pixels, color: penColor(numbers) }] }, numbers);
}
