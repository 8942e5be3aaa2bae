import { frameDigit, type InkPatch } from '../predict/frame-digit.ts';

/** Pixels of an enlarged image along each axis: three for each of the 28. */
export const canvasSide = 84;

/** An image [28, 28] of bytes as ink of 0 to 1 on a canvas [84, 84], bilinear. */
export function enlarge(image: Uint8Array): Float32Array {
  const canvas = new Float32Array(canvasSide * canvasSide);
  for (let row = 0; row < canvasSide; row++) {
    const { from: top, to: bottom, part: partY } = placeOf(row);
    for (let column = 0; column < canvasSide; column++) {
      const { from: left, to: right, part: partX } = placeOf(column);
      const upper = at(image, top, left) * (1 - partX) + at(image, top, right) * partX;
      const lower = at(image, bottom, left) * (1 - partX) + at(image, bottom, right) * partX;
      canvas[row * canvasSide + column] = (upper * (1 - partY) + lower * partY) / 255;
    }
  }
  return canvas;
}

/** Frames the ink of a square canvas as `predict` does, in 784 bytes; `undefined` where there is next to none. */
export function frameCanvas(ink: Float32Array): Uint8Array | undefined {
  const side = Math.sqrt(ink.length);
  const box = { left: side, top: side, right: 0, bottom: 0 };
  for (let pixel = 0; pixel < ink.length; pixel++) {
    // The share of full ink from which predict counts a pixel as ink.
    if ((ink[pixel] as number) < 0.4) continue;
    const x = pixel % side;
    const y = (pixel - x) / side;
    if (x < box.left) box.left = x;
    if (x >= box.right) box.right = x + 1;
    if (y < box.top) box.top = y;
    if (y >= box.bottom) box.bottom = y + 1;
  }
  if (Math.max(box.right - box.left, box.bottom - box.top) < side / 20) return undefined;
  const patch: InkPatch = { width: side, height: side, ink };
  return frameDigit(patch, box);
}

interface Place {
  readonly from: number;
  readonly to: number;
  readonly part: number;
}

const places: readonly Place[] = Array.from({ length: canvasSide }, (_, pixel) => {
  const position = Math.min(27, Math.max(0, (pixel + 0.5) / 3 - 0.5));
  const from = Math.floor(position);
  return { from, to: Math.min(27, from + 1), part: position - from };
});

const placeOf = (pixel: number) => places[pixel] as Place;

const at = (image: Uint8Array, row: number, column: number) => image[row * 28 + column] as number;
