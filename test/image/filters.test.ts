import { describe, expect, test } from 'vitest';
import type { ColorImage } from '../../src/image/color.ts';
import { filterImage, namedFilters } from '../../src/image/filters.ts';

const apply = (name: string, image: ColorImage) => {
  const filter = namedFilters.find((known) => known.name === name);
  if (filter === undefined) throw new Error(`no filter ${name}`);
  return filterImage(image, filter);
};
/** A gray picture of rows of numbers. */
const gray = (...rows: readonly (readonly number[])[]): ColorImage => ({
  width: rows[0]?.length ?? 0,
  height: rows.length,
  channels: 1,
  pixels: Uint8Array.from(rows.flat()),
});
const rowsOf = ({ width, height, channels, pixels }: ColorImage) =>
  Array.from({ length: height }, (_, y) => [
    ...pixels.subarray(y * width * channels, (y + 1) * width * channels),
  ]);
/** One bright pixel amid black. */
const dot = (size: number, value: number): ColorImage => ({
  width: size,
  height: size,
  channels: 1,
  pixels: new Uint8Array(size * size).fill(value, (size * size) >> 1, (size * size + 2) >> 1),
});
const plain = { divide: 1, plus: 0 };

describe('filterImage', () => {
  test('lays the filter on the picture without flipping it: a dot becomes the filter turned by half a turn', () => {
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ];
    expect(rowsOf(filterImage(dot(3, 1), { rows, ...plain }))).toEqual([
      [9, 8, 7],
      [6, 5, 4],
      [3, 2, 1],
    ]);
  });

  test('sums the weighted pixels under it', () => {
    const image = gray([10, 20, 30], [40, 50, 60], [70, 80, 90]);
    const rows = [
      [0, 1, 0],
      [2, 0, 0],
      [0, 0, 0],
    ];
    expect(rowsOf(filterImage(image, { rows, ...plain }))[1]?.[1]).toBe(20 + 2 * 40);
  });

  test('takes the nearest pixel for those beyond the edge, at corners too', () => {
    const image = gray([1, 2], [3, 4]);
    const rows = [
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 10],
    ];
    expect(rowsOf(filterImage(image, { rows, ...plain }))).toEqual([
      [1 + 40, 1 + 40],
      [1 + 40, 1 + 40],
    ]);
  });

  test('stands with the number after the middle over the pixel where a side is even', () => {
    const image = gray([10, 20, 30], [40, 50, 60]);
    const upperLeft = [
      [1, 0],
      [0, 0],
    ];
    expect(rowsOf(filterImage(image, { rows: upperLeft, ...plain }))).toEqual([
      [10, 10, 20],
      [10, 10, 20],
    ]);
  });

  test('divides before it adds, and rounds halves up', () => {
    expect(rowsOf(filterImage(gray([5, 6]), { rows: [[1]], divide: 2, plus: 10 }))).toEqual([[13, 13]]);
  });

  test('clamps to 0 and to 255', () => {
    const image = gray([0, 100, 200]);
    expect(rowsOf(filterImage(image, { rows: [[2]], divide: 1, plus: -50 }))).toEqual([[0, 150, 255]]);
  });

  test('takes each color by itself', () => {
    const image: ColorImage = {
      width: 2,
      height: 1,
      channels: 3,
      pixels: Uint8Array.of(10, 20, 30, 50, 70, 90),
    };
    expect(rowsOf(filterImage(image, { rows: [[-1, 1]], ...plain }))).toEqual([[0, 0, 0, 40, 50, 60]]);
  });

  test('reaches across a picture that is smaller than itself', () => {
    const rows = Array.from({ length: 31 }, () => Array.from({ length: 31 }, () => 1));
    expect(rowsOf(filterImage(gray([7]), { rows, divide: 961, plus: 0 }))).toEqual([[7]]);
  });

  test('leaves the picture it was given as it was', () => {
    const image = gray([1, 2, 3]);
    filterImage(image, { rows: [[0]], ...plain });
    expect([...image.pixels]).toEqual([1, 2, 3]);
  });
});

describe('the named filters', () => {
  test.each(namedFilters.map(({ name, rows }) => [name, rows] as const))(
    '%s has rows of one length',
    (_, rows) => {
      expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    },
  );

  test('edge is f(x, y) - f(x-1, y), where that is positive', () => {
    expect(rowsOf(apply('edge', gray([10, 60, 40, 40, 45])))).toEqual([[0, 50, 0, 0, 5]]);
  });

  test('edge-all is eight times the pixel less its neighbors', () => {
    const image = gray([1, 2, 3], [4, 15, 6], [7, 8, 9]);
    expect(rowsOf(apply('edge-all', image))[1]?.[1]).toBe(8 * 15 - (1 + 2 + 3 + 4 + 6 + 7 + 8 + 9));
  });

  test('sharpen is the pixel and its edge', () => {
    const image = gray([1, 2, 3], [4, 15, 6], [7, 8, 9]);
    expect(rowsOf(apply('sharpen', image))[1]?.[1]).toBe(15 + 80);
  });

  test('emboss adds 128 to lower right less upper left', () => {
    const image = gray([1, 2, 3], [4, 15, 6], [7, 8, 9]);
    expect(rowsOf(apply('emboss', image))[1]?.[1]).toBe(128 + (6 + 8 + 9) - (1 + 2 + 4));
  });

  test('blur spreads a dot over 5 x 5 pixels', () => {
    const rows = rowsOf(apply('blur', dot(7, 250)));
    expect(rows).toEqual(
      rows.map((row, y) => row.map((_, x) => (x > 0 && x < 6 && y > 0 && y < 6 ? 10 : 0))),
    );
  });

  test('motion-blur spreads a dot over nine pixels from the upper left to the lower right', () => {
    const rows = rowsOf(apply('motion-blur', dot(9, 90)));
    expect(rows).toEqual(rows.map((row, y) => row.map((_, x) => (x === y ? 10 : 0))));
  });

  test.each([
    ['edge', 0],
    ['edge-all', 0],
    ['sharpen', 77],
    ['emboss', 128],
    ['blur', 77],
    ['motion-blur', 77],
  ])('%s makes an even picture of 77 one of %i', (name, value) => {
    const image = gray(...Array.from({ length: 4 }, () => [77, 77, 77]));
    expect([...new Set(apply(name, image).pixels)]).toEqual([value]);
  });
});
