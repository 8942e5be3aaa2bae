import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parsePng } from '../../src/image/png-header.ts';
import { drawSeven, encodePng, joinPng, pngHeader } from '../support/pictures.ts';
import { readError } from '../support/read-error.ts';

const seven = drawSeven(24, 32);
const png = encodePng(seven);
const errorOf = (bytes: Uint8Array) => readError(() => parsePng({ name: 'a.png', bytes }));
const end = ['IEND', new Uint8Array(0)] as const;

describe('parsePng', () => {
  test('reads the size', () => {
    expect(parsePng({ name: 'a.png', bytes: png }).header).toEqual({ kind: 'png', width: 24, height: 32 });
  });

  test('rejects a PNG cut at any length (E4)', () => {
    for (let length = 8; length < png.length; length++) {
      expect(errorOf(png.subarray(0, length))).toBe(
        `E_IMAGE_FORMAT: cannot read a.png: the image ends early, after ${length} bytes`,
      );
    }
  });

  test('rejects a PNG with any single bit of a chunk flipped (E5)', () => {
    let rejected = 0;
    for (let bit = 8 * 8; bit < png.length * 8; bit++) {
      const damaged = Buffer.from(png);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (errorOf(damaged).startsWith('E_IMAGE_')) rejected += 1;
    }
    expect(rejected).toBe((png.length - 8) * 8);
  });

  test('names the chunk whose checksum is wrong (E5)', () => {
    const damaged = Buffer.from(png);
    const at = damaged.indexOf('IDAT') + 6;
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(errorOf(damaged)).toMatch(
      /^E_IMAGE_FORMAT: cannot read a\.png: the checksum of its IDAT chunk is [0-9a-f]{8}, expected [0-9a-f]{8}$/,
    );
  });

  test('refuses the largest size there is', () => {
    const bomb = joinPng([['IHDR', pngHeader({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 })], end]);
    expect(errorOf(bomb)).toBe(
      'E_IMAGE_TOO_LARGE: cannot read a.png: it has 2,147,483,647 x 2,147,483,647 pixels (4,611,686,014,133 MP), the limit is 64 MP',
    );
  });

  test('refuses a side of 0 (E6)', () => {
    expect(errorOf(joinPng([['IHDR', pngHeader({ width: 0, height: 7 })], end]))).toBe(
      'E_IMAGE_FORMAT: cannot read a.png: its header says 0 x 7 pixels, each side must be at least 1',
    );
  });

  test('refuses a flat PNG of 196 MP (E7)', () => {
    expect(errorOf(joinPng([['IHDR', pngHeader({ width: 14_000, height: 14_000 })], end]))).toBe(
      'E_IMAGE_TOO_LARGE: cannot read a.png: it has 14,000 x 14,000 pixels (196 MP), the limit is 64 MP',
    );
  });

  test.each([
    [1, 1],
    [1, 5000],
    [5000, 60],
    [7, 7],
  ])('refuses %i x %i pixels as too small or too thin', (width, height) => {
    expect(errorOf(joinPng([['IHDR', pngHeader({ width, height })], end]))).toBe(
      `E_IMAGE_FORMAT: cannot read a.png: it has ${width.toLocaleString('en-US')} x ${height.toLocaleString('en-US')} pixels, too small or too thin for a digit`,
    );
  });

  test('refuses a PNG that does not start with its header', () => {
    expect(errorOf(joinPng([['tEXt', Buffer.alloc(13)], end]))).toBe(
      'E_IMAGE_FORMAT: cannot read a.png: its first PNG chunk is not an IHDR of 13 bytes',
    );
  });

  test('passes no text, profile, later frame or trailing bytes on to the decoder (E16, E17, E21)', () => {
    const bomb = deflateSync(Buffer.alloc(1_000_000));
    const chunks = ['zTXt', 'iCCP', 'iTXt', 'acTL', 'fdAT'].map((type) => [type, bomb] as const);
    const polyglot = Buffer.concat([encodePng(seven, chunks), Buffer.from('PK\x03\x04<html>')]);
    expect(Buffer.compare(parsePng({ name: 'a.png', bytes: polyglot }).bytes, png)).toBe(0);
  });
});
