import { expect, test } from 'vitest';
import { interpolate } from '../../src/data/interpolation.ts';

/** An image with 100 in pixel (3, 5), 200 to its right, and 40 in the corner at the lower right. */
const image = new Uint8Array(784);
image[5 * 28 + 3] = 100;
image[5 * 28 + 4] = 200;
image[783] = 40;

test.each([
  ['in the middle of a pixel its own', 3, 5, 100],
  ['between two pixels the mean', 3.5, 5, 150],
  ['nearer to one of them more of it', 3.25, 5, 125],
  ['between four pixels the mean of all', 3.5, 5.5, 75],
  ['at the edge half of the last pixel', 27.5, 27, 20],
  ['beyond the image none', 28, 27, 0],
  ['far before it none', -5, -5, 0],
])('the value is %s', (_, x, y, value) => {
  expect(interpolate(image, x, y)).toBe(value);
});
