import { expect, test } from 'vitest';
import { type Shift, shiftImages } from '../../src/model/shift-images.ts';
import { createImages } from '../support/model.ts';

const images = createImages(2);

/** The same pixel by pixel, as the words say it. */
function shiftPlainly({ right, down }: Shift): readonly number[] {
  const at = (image: number, row: number, column: number) =>
    row < 0 || row > 27 || column < 0 || column > 27 ? 0 : images[(image * 28 + row) * 28 + column];
  return Array.from({ length: images.length }, (_, index) => {
    const [image, row, column] = [Math.floor(index / 784), Math.floor(index / 28) % 28, index % 28];
    return at(image, row - down, column - right) ?? 0;
  });
}

test.each([
  [0, 0],
  [3, 0],
  [-3, 0],
  [0, 5],
  [0, -5],
  [-2, 4],
  [27, -27],
  [28, 0],
])('images shifted %i right and %i down hold each pixel there, and paper where none comes', (right, down) => {
  expect([...shiftImages(images, { right, down })]).toEqual(shiftPlainly({ right, down }));
});

test('a shift does not touch the images themselves', () => {
  const copy = Uint8Array.from(images);
  shiftImages(images, { right: 3, down: 3 });
  expect(images).toEqual(copy);
});
