import type { Random } from '../core/random.ts';
import { frameCanvas } from './canvas.ts';

/** Pixels along each axis of an enlarged digit: three for each of the inner 24 of the 28. */
const canvasSide = 72;
const firstPixel = 2;

/**
 * Draws a digit [28, 28] anew with another pen, 1.3 to 5 pixels wide, and frames it as `predict` does: the middle lines
 * of its strokes, found on the enlarged digit, get the new width, or its strokes keep their shape with a hard edge, as
 * on a screen. The ink is flat, or blurred, or pale in places.
 */
export function redrawDigit(image: Uint8Array, numbers: Random): Uint8Array {
  const ink = enlarge(image);
  const level = 0.3 + 0.3 * numbers.uniform();
  const mask = new Uint8Array(ink.length);
  for (let at = 0; at < ink.length; at++) mask[at] = (ink[at] as number) >= level ? 1 : 0;
  if (numbers.uniform() < 0.75) {
    const width = 1.3 * (5 / 1.3) ** numbers.uniform();
    strokeMiddle(ink, mask, width);
  } else for (let at = 0; at < ink.length; at++) ink[at] = mask[at] as number;
  if (numbers.uniform() < 0.3) makePale(ink, numbers);
  const framed = frameCanvas(ink);
  if (framed === undefined) return image;
  return numbers.uniform() < 0.3 ? blur(framed, 0.5 * numbers.uniform()) : framed;
}

/** The inner part of an image [28, 28] of bytes as ink of 0 to 1 on a canvas [72, 72], bilinear. */
function enlarge(image: Uint8Array): Float32Array {
  const canvas = new Float32Array(canvasSide * canvasSide);
  for (let row = 0; row < canvasSide; row++) {
    const y = firstPixel + (row - 1) / 3;
    const top = Math.floor(y);
    const partY = y - top;
    for (let column = 0; column < canvasSide; column++) {
      const x = firstPixel + (column - 1) / 3;
      const left = Math.floor(x);
      const partX = x - left;
      const at = top * 28 + left;
      const upper = (image[at] as number) * (1 - partX) + (image[at + 1] as number) * partX;
      const lower = (image[at + 28] as number) * (1 - partX) + (image[at + 29] as number) * partX;
      canvas[row * canvasSide + column] = (upper * (1 - partY) + lower * partY) / 255;
    }
  }
  return canvas;
}

/** Replaces the ink by strokes of `width` pixels of the framed digit along the middle of the mask's strokes. */
function strokeMiddle(ink: Float32Array, mask: Uint8Array, width: number): void {
  const inside = measureDistances(mask, 0);
  const middle = new Uint8Array(mask.length);
  const box = { left: canvasSide, top: canvasSide, right: 0, bottom: 0 };
  for (let row = 1; row < canvasSide - 1; row++) {
    for (let column = 1; column < canvasSide - 1; column++) {
      const at = row * canvasSide + column;
      if (!isRidge(inside, at)) continue;
      middle[at] = 1;
      box.left = Math.min(box.left, column);
      box.right = Math.max(box.right, column);
      box.top = Math.min(box.top, row);
      box.bottom = Math.max(box.bottom, row);
    }
  }
  const length = Math.max(box.right - box.left, box.bottom - box.top, 3);
  // The new strokes make the box larger, and framing makes it 20 pixels again.
  const radius = Math.min(canvasSide / 6, (width * length) / (20 - width) / 2);
  const around = measureDistances(middle, 1);
  for (let at = 0; at < ink.length; at++) {
    ink[at] = Math.min(1, Math.max(0, radius + 0.5 - (around[at] as number) / 3));
  }
}

/** Whether the distance from the edge is largest here, across the stroke in one direction. */
function isRidge(distances: Uint16Array, at: number): boolean {
  const here = distances[at] as number;
  if (here < 3 || !(isPeak(distances, at, 1) || isPeak(distances, at, canvasSide))) return false;
  // A notch in a stroke's edge makes a peak, too, but deeper ink lies beside it.
  for (const step of ridgeSteps) {
    if ((distances[at + step] ?? 0) > here + 4 || (distances[at - step] ?? 0) > here + 4) return false;
  }
  return true;
}

function isPeak(distances: Uint16Array, at: number, step: number): boolean {
  const here = distances[at] as number;
  const before = distances[at - step] as number;
  const after = distances[at + step] as number;
  return here > before && here >= after && before + after <= 2 * here - 3;
}

/** Three pixels away in each of four directions. */
const ridgeSteps = [3, 3 * canvasSide, 2 * canvasSide + 2, 2 * canvasSide - 2];

/**
 * Three times the distance of each pixel of the canvas to the nearest one whose mask is `target` (chamfer 3-4, Borgefors,
 * 1986).
 */
export function measureDistances(mask: Uint8Array, target: 0 | 1): Uint16Array {
  const side = canvasSide;
  const distances = new Uint16Array(mask.length);
  const far = 30_000;
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === target) continue;
    const column = at % side;
    let least = far;
    if (column > 0) least = Math.min(least, (distances[at - 1] as number) + 3);
    if (at >= side) {
      least = Math.min(least, (distances[at - side] as number) + 3);
      if (column > 0) least = Math.min(least, (distances[at - side - 1] as number) + 4);
      if (column < side - 1) least = Math.min(least, (distances[at - side + 1] as number) + 4);
    }
    distances[at] = least;
  }
  for (let at = mask.length - 1; at >= 0; at--) {
    let least = distances[at] as number;
    if (least === 0) continue;
    const column = at % side;
    if (column < side - 1) least = Math.min(least, (distances[at + 1] as number) + 3);
    if (at < mask.length - side) {
      least = Math.min(least, (distances[at + side] as number) + 3);
      if (column < side - 1) least = Math.min(least, (distances[at + side + 1] as number) + 4);
      if (column > 0) least = Math.min(least, (distances[at + side - 1] as number) + 4);
    }
    distances[at] = least;
  }
  return distances;
}

/** Ink that is fainter in places, to four tenths at least, as of a dry pen; its darkest part stays full. */
function makePale(ink: Float32Array, numbers: Random): void {
  const corners = Float64Array.from({ length: 16 }, () => 0.4 + 0.8 * numbers.uniform());
  for (let at = 0; at < ink.length; at++) {
    const value = ink[at] as number;
    if (value === 0) continue;
    const x = ((at % canvasSide) / canvasSide) * 3;
    const y = (Math.floor(at / canvasSide) / canvasSide) * 3;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const first = row * 4 + column;
    const upper =
      (corners[first] as number) * (1 - x + column) + (corners[first + 1] as number) * (x - column);
    const lower =
      (corners[first + 4] as number) * (1 - x + column) + (corners[first + 5] as number) * (x - column);
    ink[at] = value * Math.min(1, upper * (1 - y + row) + lower * (y - row));
  }
}

/** Mixes each pixel of an image [28, 28] with its neighbors: `share` of its ink goes to them, along each axis. */
function blur(image: Uint8Array, share: number): Uint8Array {
  const side = 28;
  const across = new Float32Array(image.length);
  const blurred = new Uint8Array(image.length);
  for (let at = 1; at < image.length - 1; at++) {
    across[at] =
      (1 - share) * (image[at] as number) +
      (share / 2) * ((image[at - 1] as number) + (image[at + 1] as number));
  }
  for (let at = side; at < image.length - side; at++) {
    blurred[at] = Math.round(
      (1 - share) * (across[at] as number) +
        (share / 2) * ((across[at - side] as number) + (across[at + side] as number)),
    );
  }
  return blurred;
}
