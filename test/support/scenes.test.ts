import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { cellKinds, makeCell, makeEmptySheet } from './scenes/cell.ts';
import { drawingNames, makeDrawing } from './scenes/drawings.ts';
import { faces, makeLetter } from './scenes/letters.ts';
import { makeStrip } from './scenes/strip.ts';
import { makeBlankPaper, makeWorldPhoto } from './scenes/surfaces.ts';
import { makeScikitDigit, makeStretchedDigit, makeUspsDigit } from './scenes/tiny.ts';

/** A bar 4 wide and 20 high in the middle of `[28, 28]`. */
const bar = Uint8Array.from({ length: 784 }, (_, at) => {
  const [x, y] = [at % 28, Math.floor(at / 28)];
  return x >= 12 && x < 16 && y >= 4 && y < 24 ? 255 : 0;
});

const makers: Readonly<Record<string, (seed: number) => Promise<Uint8Array>>> = {
  strip: (seed) => makeStrip([bar, bar], seed, 0),
  ...Object.fromEntries(
    cellKinds.map((kind) => [`${kind} digit`, (seed: number) => makeCell(bar, kind, { seed, index: 0 })]),
  ),
  'ruled sheet': (seed) => makeEmptySheet('ruled', seed, 0),
  'squared sheet': (seed) => makeEmptySheet('squared', seed, 0),
  letter: (seed) => makeLetter('A', faces[0] ?? '', seed),
  drawing: (seed) => makeDrawing('house', seed, 0),
  'blank paper': (seed) => makeBlankPaper(seed, 0),
  'world photo': (seed) => makeWorldPhoto(seed, 0),
};

describe('a scene', () => {
  test.each(Object.entries(makers))(
    '%s is the same again for a seed, and another for another',
    async (_, make) => {
      const first = await make(1);
      expect(Buffer.compare(await make(1), first)).toBe(0);
      expect(Buffer.compare(await make(2), first)).not.toBe(0);
    },
  );

  test('of a strip has paper between its digits', async () => {
    for (let index = 0; index < 20; index++) {
      expect(countRuns(await darkColumns(await makeStrip([bar, bar, bar], 1, index)))).toBe(3);
    }
  });

  test('of a drawing shows something, whatever is drawn', async () => {
    for (const name of drawingNames) {
      const columns = await darkColumns(await makeDrawing(name, 1, 1));
      expect(columns.filter(Boolean).length).toBeGreaterThan(columns.length / 5);
    }
  });
});

describe('a tiny digit', () => {
  test('of USPS keeps its proportions and fills the height', async () => {
    const { data } = await sharp(await makeUspsDigit(bar, 1, 0))
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(
      [data.subarray(0, 16), data.subarray(240)].map((row) => row.filter((value) => value > 127).length),
    ).toEqual([3, 3]);
  });

  test('of scikit-learn counts the ink of each block, up to 16', async () => {
    const data = await sharp(await makeScikitDigit(bar))
      .extractChannel(0)
      .raw()
      .toBuffer();
    // The bar covers 3 of 4 columns of the middle blocks: 12 of 16 pixels.
    const row = [0, 0, 0, 191, 191, 0, 0, 0];
    expect([...data]).toEqual(Array.from({ length: 8 }, () => row).flat());
  });

  test('stretched is as wide as high, unless it is narrow', async () => {
    const wide = bar.map((_, at) => (at % 28 >= 8 && at % 28 < 20 && at >= 112 && at < 672 ? 255 : 0));
    const inkOf = async (digit: Uint8Array) =>
      (await darkColumns(await makeStretchedDigit(digit), true)).filter(Boolean).length;
    expect([await inkOf(wide), await inkOf(bar)]).toEqual([16, 3]);
  });
});

/** For each column, whether some pixel is far darker, or lighter, than paper. */
async function darkColumns(bytes: Uint8Array, isLight = false): Promise<boolean[]> {
  const { data, info } = await sharp(bytes).grayscale().raw().toBuffer({ resolveWithObject: true });
  return Array.from({ length: info.width }, (_, x) =>
    Array.from({ length: info.height }, (__, y) => data[(y * info.width + x) * info.channels] ?? 0).some(
      (value) => (isLight ? value > 127 : value < 128),
    ),
  );
}

function countRuns(columns: readonly boolean[]): number {
  return columns.filter((isDark, x) => isDark && columns[x - 1] !== true).length;
}
