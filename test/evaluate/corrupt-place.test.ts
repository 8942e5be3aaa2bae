import { describe, expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { rotateImage, scaleImage, shiftImage } from '../../src/evaluate/corrupt-place.ts';
import { createImages } from '../support/model.ts';

/** An image with a spot of ink, 5 x 5 pixels around (20, 13), which is 6.5 to the right of the middle and 0.5 above it. */
const spot = Uint8Array.from({ length: 784 }, (_, at) =>
  Math.abs((at % 28) - 20) <= 2 && Math.abs(Math.floor(at / 28) - 13) <= 2 ? 255 : 0,
);

/** The center of mass of an image, from the middle of the image, in pixels to the right and down. */
function centerOf(image: Uint8Array): readonly [number, number] {
  const mass = image.reduce((sum, value) => sum + value, 0);
  const mean = (axis: (at: number) => number) =>
    image.reduce((sum, value, at) => sum + value * (axis(at) - 13.5), 0) / mass;
  return [mean((at) => at % 28), mean((at) => Math.floor(at / 28))];
}

/** Where a change takes the spot by chance, in the words of `name`, without repeats. */
function endsOf(
  change: (image: Uint8Array, index: number) => Uint8Array,
  name: (x: number, y: number) => string,
) {
  const ends = Array.from({ length: 40 }, (_, index) => name(...centerOf(change(spot, index))));
  return [...new Set(ends)].sort();
}

test('an image is shifted left, right, up or down', () => {
  const ends = endsOf(
    (image, index) => shiftImage(image, 3, random(0, 'test', index)),
    (x, y) => `${x - 6.5},${y + 0.5}`,
  );
  expect(ends).toEqual(['-3,0', '0,-3', '0,3', '3,0']);
});

test('an image is turned to either side by the angle', () => {
  const ends = endsOf(
    (image, index) => rotateImage(image, 30, random(0, 'test', index)),
    (x, y) => (((Math.atan2(y, x) - Math.atan2(-0.5, 6.5)) * 180) / Math.PI).toFixed(0),
  );
  expect(ends).toEqual(['-30', '30']);
});

test('an image is made larger or smaller by the factor', () => {
  const ends = endsOf(
    (image, index) => scaleImage(image, 50, random(0, 'test', index)),
    (x) => (x / 6.5).toFixed(1),
  );
  expect(ends).toEqual(['0.7', '1.5']);
});

describe('a strength of 0 changes nothing when images are', () => {
  test.each([
    ['shifted', shiftImage],
    ['turned', rotateImage],
    ['scaled', scaleImage],
  ])('%s', (_, change) => {
    const image = createImages(1);
    expect(change(image, 0, random(0, 'test'))).toEqual(image);
  });
});
