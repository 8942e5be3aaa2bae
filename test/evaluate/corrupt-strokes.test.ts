import { expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { changeStrokeWidth } from '../../src/evaluate/corrupt-strokes.ts';
import { createImages } from '../support/model.ts';

/** An image with an upright stroke, four pixels wide. */
const stroke = Uint8Array.from({ length: 784 }, (_, at) => (at % 28 >= 12 && at % 28 < 16 ? 255 : 0));

/** The widths in pixels that a change leaves of the stroke, by chance, without repeats. */
function widthsAfter(pixels: number): readonly string[] {
  const widths = Array.from({ length: 20 }, (_, index) => {
    const changed = changeStrokeWidth(stroke, pixels, random(0, 'test', index));
    const row = changed.subarray(14 * 28, 15 * 28);
    return (row.reduce((sum, value) => sum + value, 0) / 255).toFixed(1);
  });
  return [...new Set(widths)].sort();
}

test.each([
  [0.4, ['3.6', '4.4']],
  [1, ['3.0', '5.0']],
  [2, ['2.0', '6.0']],
  [3, ['1.0', '7.0']],
])('a stroke becomes thinner or thicker by %f pixels', (pixels, widths) => {
  expect(widthsAfter(pixels)).toEqual(widths);
});

test('a pen is round: a dot becomes no square', () => {
  const dot = new Uint8Array(784);
  dot[14 * 28 + 14] = 255;
  const thick = Array.from({ length: 20 }, (_, index) => changeStrokeWidth(dot, 2, random(0, 'test', index)));
  const grown = thick.find((image) => image[14 * 28 + 15] === 255);
  expect([grown?.[14 * 28 + 14], grown?.[15 * 28 + 15]]).toEqual([255, Math.round(255 * (2 - Math.SQRT2))]);
});

test('a change of 0 pixels changes nothing', () => {
  const image = createImages(1);
  const changed = [0, 1, 2, 3].map((index) => changeStrokeWidth(image, 0, random(0, 'test', index)));
  expect(changed).toEqual([image, image, image, image]);
});
