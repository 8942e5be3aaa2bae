import type { Random } from '../core/random.ts';
import { frameCanvas } from './canvas.ts';

/** Pixels along each axis of the enlarged cells. */
const enlargedSide = 45;

/**
 * A digit [28, 28] as a tiny picture shows it: reduced to 8 to 14 cells along each axis with 8 to 16 levels of gray,
 * enlarged again bilinearly, and framed as `predict` does.
 */
export function pixelateDigit(image: Uint8Array, numbers: Random): Uint8Array {
  const count = 8 + numbers.integer(7);
  const levels = 8 + numbers.integer(9);
  // MNIST's box of 20 x 20 with up to two pixels around it, not always in step with the cells.
  const spanned = 20 + 3 * numbers.uniform();
  const startX = 14 - spanned / 2 + numbers.uniform() - 0.5;
  const startY = 14 - spanned / 2 + numbers.uniform() - 0.5;
  const cells = new Float32Array(count * count);
  const sums = new Float32Array(count * count);
  for (let row = 2; row < 26; row++) {
    for (let column = 2; column < 26; column++) {
      const x = Math.floor(((column + 0.5 - startX) / spanned) * count);
      const y = Math.floor(((row + 0.5 - startY) / spanned) * count);
      if (x < 0 || y < 0 || x >= count || y >= count) continue;
      const at = y * count + x;
      cells[at] = (cells[at] as number) + (image[row * 28 + column] as number) / 255;
      sums[at] = (sums[at] as number) + 1;
    }
  }
  for (let at = 0; at < cells.length; at++) {
    const mean = (cells[at] as number) / Math.max(1, sums[at] as number);
    cells[at] = Math.round(mean * levels) / levels;
  }
  const peak = Math.max(...cells, 1e-6);
  const ink = new Float32Array(enlargedSide * enlargedSide);
  for (let row = 0; row < enlargedSide; row++) {
    for (let column = 0; column < enlargedSide; column++) {
      ink[row * enlargedSide + column] = between(cells, count, [column, row]) / peak;
    }
  }
  return frameCanvas(ink) ?? image;
}

/** The bilinear value of the cells at a pixel of the enlarged picture; around the picture there is no ink. */
function between(cells: Float32Array, count: number, [column, row]: readonly [number, number]): number {
  const scale = (count + 1) / enlargedSide;
  const x = (column + 0.5) * scale - 1;
  const y = (row + 0.5) * scale - 1;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const upper =
    cellAt(cells, count, left, top) * (1 - x + left) + cellAt(cells, count, left + 1, top) * (x - left);
  const lower =
    cellAt(cells, count, left, top + 1) * (1 - x + left) +
    cellAt(cells, count, left + 1, top + 1) * (x - left);
  return upper * (1 - y + top) + lower * (y - top);
}

function cellAt(cells: Float32Array, count: number, x: number, y: number): number {
  return x < 0 || y < 0 || x >= count || y >= count ? 0 : (cells[y * count + x] as number);
}
