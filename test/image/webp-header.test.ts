import { beforeAll, describe, expect, test } from 'vitest';
import { parseWebpHeader } from '../../src/image/webp-header.ts';
import { drawSeven, toSharp } from '../support/pictures.ts';
import { readError } from '../support/read-error.ts';

const seven = drawSeven(48, 64);
let lossy: Buffer;
let lossless: Buffer;
let extended: Buffer;
const parse = (bytes: Uint8Array) => parseWebpHeader({ name: 'a.webp', bytes });
const errorOf = (bytes: Uint8Array) => readError(() => parse(bytes));

beforeAll(async () => {
  lossy = await toSharp(seven).webp().toBuffer();
  lossless = await toSharp(seven).webp({ lossless: true }).toBuffer();
  extended = await toSharp(seven).ensureAlpha(0.5).webp().toBuffer();
});

describe('parseWebpHeader', () => {
  test('reads the size of lossy, lossless and extended files', () => {
    expect([lossy, lossless, extended].map(parse)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'webp', width: 48, height: 64 })),
    );
  });

  test('rejects a WebP cut at any length from its header on', () => {
    for (const whole of [lossy, lossless, extended]) {
      for (let length = 20; length < whole.length; length++) {
        expect(errorOf(whole.subarray(0, length))).toBe(
          `E_IMAGE_FORMAT: cannot read a.webp: the image ends early, ${length.toLocaleString('en-US')} of ${whole.length.toLocaleString('en-US')} bytes are there`,
        );
      }
    }
  });

  test('refuses a canvas of 16777216 x 16777216 pixels', () => {
    const bytes = Buffer.from(extended);
    bytes.fill(0xff, 24, 30);
    expect(errorOf(bytes)).toBe(
      'E_IMAGE_TOO_LARGE: cannot read a.webp: it has 16,777,216 x 16,777,216 pixels (281,474,977 MP), the limit is 64 MP',
    );
  });

  test('refuses a WebP without a picture', () => {
    const bytes = Buffer.from(lossy);
    bytes.write('XXXX', 12);
    expect(errorOf(bytes)).toBe('E_IMAGE_FORMAT: cannot read a.webp: it contains no WebP picture');
  });
});
