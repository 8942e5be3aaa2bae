import type { Random } from '../core/random.ts';
import { frameCanvas } from './canvas.ts';

/** Pixels along each axis of the pictures that are put together here. */
export const canvasSide = 84;

/** A square picture that ink is put on, [84, 84] of 0 to 1. */
export type Canvas = Float32Array;

export function createCanvas(): Canvas {
  return new Float32Array(canvasSide * canvasSide);
}

/** Where a digit goes: its left upper corner and its size on the canvas. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Puts the inner 20 x 20 of an image [28, 28], trimmed to its ink, into a place, by the nearest pixels in between. */
export function pasteDigit(canvas: Canvas, image: Uint8Array, place: Place): void {
  const box = findInkBox(image);
  const [left, top] = [Math.max(0, Math.floor(place.left)), Math.max(0, Math.floor(place.top))];
  for (let row = top; row < Math.min(canvasSide, place.top + place.height); row++) {
    const y = box.top + ((row + 0.5 - place.top) / place.height) * (box.bottom - box.top) - 0.5;
    for (let column = left; column < Math.min(canvasSide, place.left + place.width); column++) {
      const x = box.left + ((column + 0.5 - place.left) / place.width) * (box.right - box.left) - 0.5;
      const value = sampleAt(image, x, y) / 255;
      const at = row * canvasSide + column;
      if (value > (canvas[at] as number)) canvas[at] = value;
    }
  }
}

/** Draws a straight line of full ink, `width` pixels of the canvas wide, with ends [x, y]. */
export function drawLine(
  canvas: Canvas,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  { width, ink = 1 }: { readonly width: number; readonly ink?: number },
): void {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const lengthSquared = Math.max(dx * dx + dy * dy, 1e-9);
  const reach = width / 2 + 0.5;
  for (
    let row = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
    row <= Math.min(canvasSide - 1, Math.max(y0, y1) + reach);
    row++
  ) {
    for (
      let column = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
      column <= Math.min(canvasSide - 1, Math.max(x0, x1) + reach);
      column++
    ) {
      const [px, py] = [column + 0.5 - x0, row + 0.5 - y0];
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const value = ink * Math.min(1, Math.max(0, reach - distance));
      const at = row * canvasSide + column;
      if (value > (canvas[at] as number)) canvas[at] = value;
    }
  }
}

/** Frames a canvas; where there is too little ink, a dot is put in the middle first. */
export function finishCanvas(canvas: Canvas, numbers: Random): Uint8Array {
  const framed = frameCanvas(canvas);
  if (framed) return framed;
  drawLine(canvas, [42, 42, 42 + 8 * numbers.uniform(), 42], { width: 8 });
  return frameCanvas(canvas) ?? new Uint8Array(784);
}

/** The box of an image's ink, from a fifth of full ink on; the whole image where there is none. */
export function findInkBox(image: Uint8Array) {
  const box = { left: 28, top: 28, right: 0, bottom: 0 };
  for (let at = 0; at < image.length; at++) {
    if ((image[at] as number) < 51) continue;
    const x = at % 28;
    const y = (at - x) / 28;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x + 1);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y + 1);
  }
  return box.right > box.left ? box : { left: 0, top: 0, right: 28, bottom: 28 };
}

function sampleAt(image: Uint8Array, x: number, y: number): number {
  const column = Math.min(26, Math.max(0, Math.floor(x)));
  const row = Math.min(26, Math.max(0, Math.floor(y)));
  const partX = Math.min(1, Math.max(0, x - column));
  const partY = Math.min(1, Math.max(0, y - row));
  const at = row * 28 + column;
  const upper = (image[at] as number) * (1 - partX) + (image[at + 1] as number) * partX;
  const lower = (image[at + 28] as number) * (1 - partX) + (image[at + 29] as number) * partX;
  return upper * (1 - partY) + lower * partY;
}
