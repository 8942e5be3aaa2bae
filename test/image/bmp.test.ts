import { describe, expect, test } from 'vitest';
import { decodeBmp } from '../../src/image/bmp.ts';
import { parseBmpHeader } from '../../src/image/bmp-header.ts';
import { type BmpParts, grayPalette, joinBmp } from '../support/pictures.ts';
import { readError } from '../support/read-error.ts';

const size = { width: 8, height: 8 };
const black = Uint8Array.of(0, 0, 0, 0);
const decode = (bytes: Uint8Array, maxSide = 512) => {
  const source = { name: 'a.bmp', bytes };
  return decodeBmp(source, parseBmpHeader(source), maxSide);
};
const errorOf = (bytes: Uint8Array) => readError(() => decode(bytes));
/** The rows of a decoded picture from the top, each as text. */
const rowsOf = (parts: BmpParts) => {
  const { gray, width } = decode(joinBmp(parts));
  return Array.from({ length: gray.length / width }, (_, y) => gray.slice(y * width, (y + 1) * width).join());
};
/** Eight rows of the same bytes, but for the last one in the file, which is the top row. */
const rows = (others: readonly number[], top: readonly number[]) =>
  Uint8Array.from([...Array.from({ length: 7 }, () => others).flat(), ...top]);

describe('decodeBmp', () => {
  test('reads 1 bit a pixel, the bottom row first (E10)', () => {
    const pixels = rows([0, 0, 0, 0], [0b10110001, 0, 0, 0]);
    expect(rowsOf({ ...size, bits: 1, palette: grayPalette(2), pixels })[0]).toBe('255,0,255,255,0,0,0,255');
  });

  test('reads 4 bits a pixel (E10)', () => {
    const pixels = rows([0, 0, 0, 0], [0x0f, 0x12, 0x34, 0x56]);
    expect(rowsOf({ ...size, bits: 4, palette: grayPalette(16), pixels })[0]).toBe(
      '0,255,17,34,51,68,85,102',
    );
  });

  test('reads 8 bits a pixel (E10)', () => {
    const pixels = rows([0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 3, 250, 251, 252, 253, 254]);
    expect(rowsOf({ ...size, bits: 8, palette: grayPalette(256), pixels })[0]).toBe(
      '1,2,3,250,251,252,253,254',
    );
  });

  test('reads 24 bits a pixel, blue first, with rows padded to four bytes (E10)', () => {
    const row = [...Array.from({ length: 9 }, () => [0, 0, 255]).flat(), 7];
    const pixels = Uint8Array.from(Array.from({ length: 8 }, () => row).flat());
    expect(rowsOf({ width: 9, height: 8, bits: 24, pixels })[0]).toBe('76,76,76,76,76,76,76,76,76');
  });

  test('reads 32 bits a pixel and takes an unused fourth byte for none (E10)', () => {
    const pixels = Uint8Array.from({ length: 256 }, (_, at) => (at % 4 === 3 ? 0 : 200));
    expect(decode(joinBmp({ ...size, bits: 32, pixels }))).toMatchObject({ alpha: undefined });
    expect(rowsOf({ ...size, bits: 32, pixels })[0]).toBe('200,200,200,200,200,200,200,200');
  });

  test('reads opacity where bit fields have it', () => {
    const masks = Uint8Array.of(0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255);
    const pixels = Uint8Array.from({ length: 256 }, (_, at) => (at % 4 === 3 ? 51 : 90));
    const { gray, alpha } = decode(joinBmp({ ...size, bits: 32, compression: 6, palette: masks, pixels }));
    expect([gray[5], alpha?.[5]]).toEqual([90, 51]);
  });

  test('reads color masks in any order of the bytes (E10)', () => {
    const masks = Uint8Array.of(255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0);
    const pixels = Uint8Array.from({ length: 256 }, (_, at) => (at % 4 === 0 ? 255 : 0));
    expect(rowsOf({ ...size, bits: 32, compression: 3, palette: masks, pixels })[0]).toBe(
      '76,76,76,76,76,76,76,76',
    );
  });

  test('reads a top-down picture (E9)', () => {
    const pixels = rows([9, 9, 9, 9, 9, 9, 9, 9], [1, 1, 1, 1, 1, 1, 1, 1]);
    const parts = { width: 8, height: -8, bits: 8, palette: grayPalette(256), pixels };
    expect([rowsOf(parts)[0], rowsOf(parts)[7]]).toEqual(['9,9,9,9,9,9,9,9', '1,1,1,1,1,1,1,1']);
  });

  test('reduces a large picture to the longer side requested', () => {
    const pixels = new Uint8Array(1200 * 400).fill(5);
    const bytes = joinBmp({ width: 1200, height: 400, bits: 8, palette: grayPalette(256), pixels });
    const { width, height, gray } = decode(bytes, 300);
    expect([width, height, gray[0], gray.length]).toEqual([300, 100, 5, 30_000]);
  });
});

describe('parseBmpHeader', () => {
  const whole = joinBmp({ ...size, bits: 8, palette: grayPalette(256), pixels: new Uint8Array(64) });

  test('rejects a BMP cut at any length (E4)', () => {
    for (let length = 2; length < whole.length; length++) {
      expect(errorOf(whole.subarray(0, length))).toMatch(
        /^E_IMAGE_FORMAT: cannot read a\.bmp: the image ends early, (after \d+ bytes|[\d,]+ of [\d,]+ bytes are there)$/,
      );
    }
  });

  test('refuses 1,078 bytes that claim 10000 x 10000 pixels (E8)', () => {
    const bomb = joinBmp({
      width: 10_000,
      height: 10_000,
      bits: 8,
      compression: 1,
      pixels: new Uint8Array(1024),
    });
    expect(errorOf(bomb)).toBe(
      'E_IMAGE_TOO_LARGE: cannot read a.bmp: it has 10,000 x 10,000 pixels (100 MP), the limit is 64 MP',
    );
  });

  test('refuses the height that has no opposite (E9)', () => {
    expect(errorOf(joinBmp({ width: 8, height: -(2 ** 31), bits: 8, pixels: new Uint8Array(64) }))).toBe(
      'E_IMAGE_TOO_LARGE: cannot read a.bmp: it has 8 x 2,147,483,648 pixels (17,180 MP), the limit is 64 MP',
    );
  });

  test('refuses a negative width', () => {
    expect(errorOf(joinBmp({ width: -8, height: 8, bits: 8, pixels: new Uint8Array(64) }))).toBe(
      'E_IMAGE_FORMAT: cannot read a.bmp: its header says -8 x 8 pixels, each side must be at least 1',
    );
  });

  test('refuses pixels that start past the end (E10)', () => {
    const parts = { ...size, bits: 24, pixels: new Uint8Array(192), pixelOffset: 4_000_000_000 };
    expect(errorOf(joinBmp(parts))).toBe(
      'E_IMAGE_FORMAT: cannot read a.bmp: the image ends early, 246 of 4,000,000,192 bytes are there',
    );
  });

  test('refuses pixels that start inside the header', () => {
    const parts = { ...size, bits: 24, pixels: new Uint8Array(192), pixelOffset: 20 };
    expect(errorOf(joinBmp(parts))).toBe(
      'E_IMAGE_FORMAT: cannot read a.bmp: its pixels start at byte 20, inside the BMP header',
    );
  });

  test.each([
    [2, 0, 'uncompressed with 2 bits'],
    [16, 0, 'uncompressed with 16 bits'],
    [16, 3, 'bit-field with 16 bits'],
    [8, 1, 'RLE8 with 8 bits'],
    [4, 2, 'RLE4 with 4 bits'],
    [24, 1, 'RLE8 with 24 bits'],
    [24, 4, 'JPEG with 24 bits'],
    [0, 5, 'PNG with 0 bits'],
    [8, 99, 'coding 99 with 8 bits'],
  ])('names a depth of %i with coding %i as not read (E10)', (bits, compression, kind) => {
    expect(errorOf(joinBmp({ ...size, bits, compression, pixels: new Uint8Array(64) }))).toBe(
      `E_IMAGE_FORMAT: cannot read a.bmp: it is ${kind} a pixel, an unsupported kind of BMP`,
    );
  });

  test('refuses a palette of more colors than the depth has', () => {
    const bytes = joinBmp({ ...size, bits: 4, palette: grayPalette(16), pixels: new Uint8Array(32) });
    bytes.writeUInt32LE(4_000_000_000, 46);
    expect(errorOf(bytes)).toBe(
      'E_IMAGE_FORMAT: cannot read a.bmp: its palette has 4,000,000,000 colors, 16 are possible',
    );
  });

  test('refuses a pixel whose color is not in the palette', () => {
    const bytes = joinBmp({ ...size, bits: 8, palette: black, pixels: new Uint8Array(64).fill(3) });
    expect(errorOf(bytes)).toBe(
      'E_IMAGE_FORMAT: cannot read a.bmp: a pixel has color 3, its palette ends at 0',
    );
  });

  test('refuses color masks that are not whole bytes', () => {
    const masks = Uint8Array.of(0, 0, 240, 63, 0, 252, 15, 0, 255, 3, 0, 0);
    const bytes = joinBmp({ ...size, bits: 32, compression: 3, palette: masks, pixels: new Uint8Array(256) });
    expect(errorOf(bytes)).toBe('E_IMAGE_FORMAT: cannot read a.bmp: its BMP color masks are not whole bytes');
  });

  test.each([12, 64])('names a BMP of OS/2, with a header of %i bytes', (headerBytes) => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(headerBytes, 14);
    expect(errorOf(bytes)).toBe(
      'E_IMAGE_FORMAT: cannot read a.bmp: it is an OS/2 bitmap, an unsupported kind of BMP',
    );
  });

  test('says how to save a kind that is not supported', () => {
    const source = { name: 'a.bmp', bytes: joinBmp({ ...size, bits: 16, pixels: new Uint8Array(128) }) };
    expect(() => parseBmpHeader(source)).toThrow(
      expect.objectContaining({ hint: 'Save it as a BMP of 24 bits, or as PNG.' }),
    );
  });

  test('refuses a header of an unknown size', () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(2 ** 31, 14);
    expect(errorOf(bytes)).toBe(
      'E_IMAGE_FORMAT: cannot read a.bmp: its BMP header claims 2,147,483,648 bytes, expected 40 to 124',
    );
  });
});
