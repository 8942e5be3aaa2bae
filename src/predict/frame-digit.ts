import type { InkBox } from './ink-box.ts';

/** A part of a picture: ink of 0 (none) to 1 (full) for each pixel. */
export interface InkPatch {
  readonly width: number;
  readonly height: number;
  readonly ink: Float32Array;
}

/** The sides of MNIST's box and image, in pixels. */
const boxSide = 20;
const imageSide = 28;

/** Where MNIST's digits have their center of mass, to half a pixel: the middle of pixel 14, not the edge before it. */
const centerOfMass = 14.5;

/** How many pixels of the picture make one of the 20 x 20. */
export function pixelsPerCell(box: InkBox): number {
  return Math.max(box.right - box.left, box.bottom - box.top) / boxSide;
}

/**
 * Scales the ink's box to 20 x 20 by area averages, keeping its aspect, and puts it into 28 x 28 bytes so that its
 * center of mass lies in the middle: the framing that MNIST's makers used.
 */
export function frameDigit(patch: InkPatch, box: InkBox): Uint8Array {
  const cells = reduceToBox(patch, box);
  const peak = Math.max(...cells);
  let [mass, massX, massY] = [0, 0, 0];
  cells.forEach((value, at) => {
    mass += value;
    massX += value * ((at % boxSide) + 0.5);
    massY += value * (Math.floor(at / boxSide) + 0.5);
  });
  const shiftX = shiftFor(massX / mass);
  const shiftY = shiftFor(massY / mass);
  const framed = new Uint8Array(imageSide * imageSide);
  cells.forEach((value, at) => {
    const x = (at % boxSide) + shiftX;
    const y = Math.floor(at / boxSide) + shiftY;
    framed[y * imageSide + x] = Math.round((255 * value) / peak);
  });
  return framed;
}

function reduceToBox(patch: InkPatch, box: InkBox): Float32Array {
  const sums = integrate(patch);
  const cell = pixelsPerCell(box);
  const left = (box.left + box.right) / 2 - (boxSide / 2) * cell;
  const top = (box.top + box.bottom) / 2 - (boxSide / 2) * cell;
  return Float32Array.from({ length: boxSide * boxSide }, (_, at) => {
    const x = left + (at % boxSide) * cell;
    const y = top + Math.floor(at / boxSide) * cell;
    const sum =
      sumUpTo(patch, sums, [x + cell, y + cell]) -
      sumUpTo(patch, sums, [x, y + cell]) -
      sumUpTo(patch, sums, [x + cell, y]) +
      sumUpTo(patch, sums, [x, y]);
    return Math.max(0, sum / (cell * cell));
  });
}

/** Sums of all pixels above and left of each corner, one column and row more than the picture. */
function integrate(patch: InkPatch): Float64Array {
  const { width, height, ink } = patch;
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += ink[y * width + x] ?? 0;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] ?? 0) + row;
    }
  }
  return sums;
}

/** The sum above and left of a place between pixels: parts of pixels count as such. */
function sumUpTo(patch: InkPatch, sums: Float64Array, place: readonly [x: number, y: number]): number {
  const x = Math.min(patch.width, Math.max(0, place[0]));
  const y = Math.min(patch.height, Math.max(0, place[1]));
  const column = Math.min(patch.width - 1, Math.floor(x));
  const row = Math.min(patch.height - 1, Math.floor(y));
  const at = row * (patch.width + 1) + column;
  const below = at + patch.width + 1;
  const partX = x - column;
  const partY = y - row;
  const upper = (sums[at] ?? 0) * (1 - partX) + (sums[at + 1] ?? 0) * partX;
  const lower = (sums[below] ?? 0) * (1 - partX) + (sums[below + 1] ?? 0) * partX;
  return upper * (1 - partY) + lower * partY;
}

function shiftFor(center: number): number {
  const shift = Math.round(centerOfMass - center);
  return Math.min(imageSide - boxSide, Math.max(0, shift));
}
