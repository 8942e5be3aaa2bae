/** How far images are moved, in whole pixels; negative is left and up. */
export interface Shift {
  readonly right: number;
  readonly down: number;
}

const side = 28;

/** Moves images, bytes [count, 28, 28] -> the same shape; what leaves is lost, what is vacated becomes paper, 0. */
export function shiftImages(images: Uint8Array, { right, down }: Shift): Uint8Array {
  const shifted = new Uint8Array(images.length);
  const [left, width] = [Math.max(0, right), Math.max(0, side - Math.abs(right))];
  for (let row = 0; row < images.length / side; row++) {
    const y = (row % side) + down;
    if (y < 0 || y >= side || width === 0) continue;
    const from = row * side + left - right;
    shifted.set(images.subarray(from, from + width), (row + down) * side + left);
  }
  return shifted;
}
