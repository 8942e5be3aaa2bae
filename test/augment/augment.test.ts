import { describe, expect, test } from 'vitest';
import { augmentLevels, limitsOf, varyPen } from '../../src/augment/augment.ts';
import { findInkBox } from '../../src/augment/collage.ts';
import { pixelateDigit } from '../../src/augment/pixelate.ts';
import { redrawDigit } from '../../src/augment/redraw.ts';
import { trainOptions } from '../../src/config/train-options.ts';
import { random } from '../../src/core/random.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';

const digits = createSyntheticDigits({ seed: 5, count: 60 });
const digitAt = (index: number) => digits.images.subarray(index * 784, (index + 1) * 784);
const inkOf = (image: Uint8Array) => image.reduce((sum, value) => sum + value, 0) / 255;

/** The longer side of the ink, from a fifth of full ink on. */
function longerSide(image: Uint8Array): number {
  const { left, top, right, bottom } = findInkBox(image);
  return Math.max(right - left, bottom - top);
}

describe('augmentation', () => {
  test('knows the levels of --augment', () => {
    expect(trainOptions.augment.accepted).toBe(`one of ${augmentLevels.join(', ')}`);
  });

  test('takes strengths in place of those of a level', () => {
    const elastic = limitsOf('elastic');
    expect(limitsOf('elastic', { rotation: 15, elastic: undefined })).toEqual({ ...elastic, rotation: 15 });
    expect(limitsOf('pens')).toEqual(elastic);
  });

  test('varies an image by its numbers alone', () => {
    const vary = (position: number) => varyPen(digitAt(0), limitsOf('pens'), random(0, 'test', position));
    expect(vary(1)).toEqual(vary(1));
    expect(vary(1)).not.toEqual(vary(2));
    expect(vary(1)).not.toEqual(digitAt(0));
  });

  test('does not change the image that it is given', () => {
    const image = digitAt(0).slice();
    for (let position = 0; position < 20; position++)
      varyPen(image, limitsOf('pens'), random(0, 'test', position));
    expect(image).toEqual(digitAt(0));
  });
});

describe('redrawDigit', () => {
  const redrawn = Array.from({ length: 60 }, (_, index) =>
    redrawDigit(digitAt(index), random(3, 'test', index)),
  );

  test('frames digits as predict does: 20 pixels in their longer side, around the middle', () => {
    const sides = redrawn.map(longerSide);
    expect(Math.min(...sides)).toBeGreaterThanOrEqual(17);
    expect(Math.max(...sides)).toBeLessThanOrEqual(22);
  });

  test('draws with thinner and with wider pens', () => {
    const shares = redrawn.map((image, index) => inkOf(image) / inkOf(digitAt(index)));
    expect(Math.min(...shares)).toBeLessThan(0.8);
    expect(Math.max(...shares)).toBeGreaterThan(1.3);
  });

  test('keeps an image without ink', () => {
    expect(redrawDigit(new Uint8Array(784), random(0, 'test'))).toEqual(new Uint8Array(784));
  });
});

describe('pixelateDigit', () => {
  test('frames digits as predict does', () => {
    const sides = Array.from({ length: 60 }, (_, index) =>
      longerSide(pixelateDigit(digitAt(index), random(4, 'test', index))),
    );
    expect(Math.min(...sides)).toBeGreaterThanOrEqual(17);
    expect(Math.max(...sides)).toBeLessThanOrEqual(24);
  });
});
