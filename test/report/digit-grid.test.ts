import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { TrainerError } from '../../src/core/errors.ts';
import { type DigitCell, renderDigitGrid } from '../../src/report/digit-grid.ts';
import type { Picture } from '../../src/report/png.ts';
import { pngSize, textsOf } from '../support/svg.ts';

/** A gray ramp: pixel n has the value n modulo 256. */
const ramp = Uint8Array.from({ length: 784 }, (_, index) => index);

function createCells(count: number): readonly DigitCell[] {
  return Array.from({ length: count }, (_, index) => ({
    pixels: ramp,
    caption: ['predicted 4,', `is 9 (#${index})`],
  }));
}

describe('a grid of digits', () => {
  let picture: Picture;

  beforeAll(async () => {
    picture = await renderDigitGrid(createCells(14), { title: '14 of <20> read wrongly' });
  });

  test('has an image for each digit', () => {
    expect(picture.svg.match(/<image /g)?.length).toBe(14);
  });

  test('holds the very pixels of each digit', async () => {
    const [, data = ''] = /base64,([^"]+)"/.exec(picture.svg) ?? [];
    const { data: pixels, info } = await sharp(Buffer.from(data, 'base64'))
      .toColorspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, Buffer.from(ramp).equals(pixels)]).toEqual([28, 28, true]);
  });

  test('captions each digit in lines', () => {
    expect(textsOf(picture.svg).slice(1, 5)).toEqual([
      'predicted 4,',
      'is 9 (#0)',
      'predicted 4,',
      'is 9 (#1)',
    ]);
  });

  test('carries its title, escaped', () => {
    expect(textsOf(picture.svg)[0]).toBe('14 of <20> read wrongly');
  });

  test('has twelve digits in a row, 84 units wide and 12 apart', () => {
    // Margins of 16, 12 digits and 11 gaps wide; title of 30, two rows of digit, two lines and a gap high.
    expect(pngSize(picture.png)).toEqual({
      width: 2 * (2 * 16 + 12 * 84 + 11 * 12),
      height: 2 * (2 * 16 + 30 + 2 * (84 + 2 * 14) + 12),
    });
  });

  test('draws each pixel as an even square', async () => {
    const corner = { left: 2 * 16, top: 2 * (16 + 30), width: 168, height: 168 };
    const drawn = await sharp(picture.png).extract(corner).toColorspace('b-w').raw().toBuffer();
    const channels = drawn.length / (168 * 168);
    const at = (x: number, y: number) => drawn[(y * 168 + x) * channels];
    const [first, second] = [ramp[28 * 5 + 3], ramp[28 * 5 + 4]];
    expect([at(18, 30), at(23, 35), at(24, 30)]).toEqual([first, first, second]);
  });
});

test('a note counts the digits beyond the limit', async () => {
  const { svg } = await renderDigitGrid(createCells(9), { title: 'errors', limit: 4 });
  expect([svg.match(/<image /g)?.length, textsOf(svg).at(-1)]).toEqual([4, '5 more are not drawn']);
});

test('a single digit makes room for its title', async () => {
  const { png } = await renderDigitGrid(createCells(1), { title: 'training image 59,999 is a 5' });
  expect(pngSize(png).width).toBe(2 * (2 * 16 + 28 * 10));
});

test('a grid without digits is its title', async () => {
  const { svg } = await renderDigitGrid([], { title: 'no errors' });
  expect(textsOf(svg)).toEqual(['no errors']);
});

test('a digit of another size is refused with its pixels', async () => {
  const cell = { pixels: new Uint8Array(100), caption: [] };
  await expect(renderDigitGrid([cell], { title: 'x' })).rejects.toThrow(
    new TrainerError('E_INTERNAL', 'cannot draw a digit: 100 pixels, expected 784'),
  );
});
