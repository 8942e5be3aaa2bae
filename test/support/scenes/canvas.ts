import sharp from 'sharp';
import type { Random } from '../../../src/core/random.ts';
import type { Canvas } from '../photo.ts';

/** A place on a canvas, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Edges of a rectangle in pixels; `right` and `bottom` are beyond it. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** An empty canvas. */
export function createCanvas(width: number, height: number): Canvas {
  return { width, height, pixels: new Float32Array(width * height) };
}

/** Uniform in [low, high). */
export function between(numbers: Random, low: number, high: number): number {
  return low + (high - low) * numbers.uniform();
}

/** Where the ink of an MNIST digit is: `[28, 28]` bytes -> box. */
export function digitBox(digit: Uint8Array): Box {
  let [left, top, right, bottom] = [28, 28, 0, 0];
  digit.forEach((value, at) => {
    if (value < 64) return;
    left = Math.min(left, at % 28);
    right = Math.max(right, (at % 28) + 1);
    top = Math.min(top, Math.floor(at / 28));
    bottom = Math.max(bottom, Math.floor(at / 28) + 1);
  });
  return { left, top, right, bottom };
}

/** An MNIST digit as a pen of today writes it: its ink alone, enlarged, with edges as sharp as asked. */
export async function inkDigit(digit: Uint8Array, scale: number, numbers: Random): Promise<Canvas> {
  const box = digitBox(digit);
  // A pixel of paper on all sides where there is one, for the soft edges.
  const [left, top] = [Math.max(0, box.left - 1), Math.max(0, box.top - 1)];
  const [columns, rows] = [Math.min(28, box.right + 1) - left, Math.min(28, box.bottom + 1) - top];
  const width = Math.max(1, Math.round(columns * scale));
  const height = Math.max(1, Math.round(rows * scale));
  const enlarged = await sharp(Buffer.from(digit), { raw: { width: 28, height: 28, channels: 1 } })
    .extract({ left, top, width: columns, height: rows })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .extractChannel(0)
    .raw()
    .toBuffer();
  const threshold = between(numbers, 80, 140);
  // From the enlargement's own blur, with paper at 0 and ink at 255, to edges two pixels wide.
  const softest = Math.max(128 / threshold, 127 / (255 - threshold));
  const gain = between(numbers, softest, Math.max(2, scale / 2));
  const pixels = Float32Array.from(enlarged, (value) => {
    return Math.min(255, Math.max(0, (value - threshold) * gain + 128));
  });
  return { width, height, pixels };
}

/** Lays `ink` on the canvas, its upper left corner at `at`; where both have ink, the stronger one counts. */
export function lay(canvas: Canvas, ink: Canvas, at: Point): void {
  const [left, top] = [Math.round(at.x), Math.round(at.y)];
  for (let y = Math.max(0, -top); y < Math.min(ink.height, canvas.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(ink.width, canvas.width - left); x++) {
      const to = (y + top) * canvas.width + x + left;
      canvas.pixels[to] = Math.max(canvas.pixels[to] ?? 0, ink.pixels[y * ink.width + x] ?? 0);
    }
  }
}

/** Draws a straight stroke with round ends and soft edges. */
export function drawLine(canvas: Canvas, [from, to]: readonly [Point, Point], thickness: number): void {
  const [across, down] = [to.x - from.x, to.y - from.y];
  const squared = across * across + down * down || 1;
  const reach = thickness / 2 + 1;
  const right = Math.min(canvas.width - 1, Math.ceil(Math.max(from.x, to.x) + reach));
  const bottom = Math.min(canvas.height - 1, Math.ceil(Math.max(from.y, to.y) + reach));
  for (let y = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach)); y <= bottom; y++) {
    for (let x = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach)); x <= right; x++) {
      const share = ((x + 0.5 - from.x) * across + (y + 0.5 - from.y) * down) / squared;
      const along = Math.min(1, Math.max(0, share));
      const distance = Math.hypot(x + 0.5 - from.x - along * across, y + 0.5 - from.y - along * down);
      const cover = 255 * Math.min(1, Math.max(0, thickness / 2 + 0.5 - distance));
      const at = y * canvas.width + x;
      canvas.pixels[at] = Math.max(canvas.pixels[at] ?? 0, cover);
    }
  }
}
