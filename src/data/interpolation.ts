const side = 28;

/**
 * The value of an image [28, 28] at a place between its pixels, bilinear and rounded; whole numbers are the middles of
 * pixels, and beyond the image there is no ink.
 */
export function interpolate(image: Uint8Array, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  if (column < -1 || row < -1 || column >= side || row >= side) return 0;
  const [partX, partY] = [x - column, y - row];
  const isLeft = column >= 0;
  const isRight = column < side - 1;
  const at = row * side + column;
  let value = 0;
  if (row >= 0) {
    if (isLeft) value += (1 - partX) * (1 - partY) * (image[at] as number);
    if (isRight) value += partX * (1 - partY) * (image[at + 1] as number);
  }
  if (row < side - 1) {
    if (isLeft) value += (1 - partX) * partY * (image[at + side] as number);
    if (isRight) value += partX * partY * (image[at + side + 1] as number);
  }
  return Math.round(value);
}
