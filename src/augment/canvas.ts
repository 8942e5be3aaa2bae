import { frameInk } from '../data/pen.ts';

/** Cells along each axis of the box that MNIST's digits are scaled to. */
const boxSide = 20;

/** The share of full ink from which `predict` counts a pixel as ink. */
const inkShare = 0.4;

/**
 * Frames the ink, 0 to 1, of a square canvas as `predict` does (predict/frame-digit.ts): its box becomes 20 x 20 by area
 * averages, its darkest cell full ink, its center of mass the middle of 784 bytes. `undefined` where there is next to
 * none.
 */
export function frameCanvas(ink: Float32Array): Uint8Array | undefined {
  const side = Math.sqrt(ink.length);
  let [left, top, right, bottom] = [side, side, 0, 0];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if ((ink[row * side + column] as number) < inkShare) continue;
      if (column < left) left = column;
      if (column >= right) right = column + 1;
      if (row < top) top = row;
      bottom = row + 1;
    }
  }
  const longer = Math.max(right - left, bottom - top);
  if (longer < side / 20) return undefined;
  const cell = longer / boxSide;
  const cells = new Float64Array(boxSide * boxSide);
  const bands = reduceRows(ink, { side, start: (top + bottom - longer) / 2, cell });
  let peak = 0;
  for (let column = 0; column < boxSide; column++) {
    const from = (left + right - longer) / 2 + column * cell;
    for (let x = Math.max(0, Math.floor(from)); x < Math.min(side, from + cell); x++) {
      const part = (Math.min(x + 1, from + cell) - Math.max(x, from)) / (cell * cell);
      for (let row = 0; row < boxSide; row++) {
        const at = row * boxSide + column;
        cells[at] = (cells[at] as number) + part * (bands[row * side + x] as number);
      }
    }
  }
  for (let at = 0; at < cells.length; at++) peak = Math.max(peak, cells[at] as number);
  for (let at = 0; at < cells.length; at++) cells[at] = (255 * (cells[at] as number)) / peak;
  return frameInk(cells);
}

/** Sums of the rows in each of 20 bands of `cell` rows: [20, side]. */
function reduceRows(
  ink: Float32Array,
  { side, start, cell }: { readonly side: number; readonly start: number; readonly cell: number },
): Float64Array {
  const bands = new Float64Array(boxSide * side);
  for (let row = 0; row < boxSide; row++) {
    const from = start + row * cell;
    for (let y = Math.max(0, Math.floor(from)); y < Math.min(side, from + cell); y++) {
      const part = Math.min(y + 1, from + cell) - Math.max(y, from);
      for (let x = 0; x < side; x++) {
        const at = row * side + x;
        bands[at] = (bands[at] as number) + part * (ink[y * side + x] as number);
      }
    }
  }
  return bands;
}
