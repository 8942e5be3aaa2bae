import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/image/decode.ts';
import type { GrayImage } from '../../src/image/gray.ts';
import { centerDigit } from '../../src/predict/center-digit.ts';
import { encodeBmp } from '../support/photo.ts';
import { drawSeven, encodePng, joinPng, pngHeader, toRgb, toSharp, turnedBack } from '../support/pictures.ts';
import { readRejection } from '../support/read-error.ts';

const seven = drawSeven();
const png = encodePng(seven);
const decode = (bytes: Uint8Array, name = 'a.png') => decodeImage({ name, bytes });
const toRgba = (alphaOf: (gray: number) => number, colorOf: (gray: number) => number) =>
  sharp(
    Buffer.from(
      [...seven.gray].flatMap((gray) => [colorOf(gray), colorOf(gray), colorOf(gray), alphaOf(gray)]),
    ),
    { raw: { width: seven.width, height: seven.height, channels: 4 } },
  ).png();
const size = { width: 28, height: 28 };
const header = ['IHDR', pngHeader(size)] as const;
const pixels = ['IDAT', deflateSync(Buffer.alloc(29 * 28))] as const;
const end = ['IEND', new Uint8Array(0)] as const;
const frameOf = (bytes: Buffer) => bytes.indexOf(Buffer.of(0xff, 0xc0, 0));
const changed = (bytes: Buffer, change: (bytes: Buffer) => void) => {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
};
let upright: Uint8Array;
let jpeg: Buffer;
let lossy: Buffer;
let canvas: Buffer;

beforeAll(async () => {
  upright = centerDigit(await decode(png)).framed;
  jpeg = await toSharp(seven).jpeg().toBuffer();
  lossy = await toSharp(seven).webp().toBuffer();
  canvas = await toSharp(seven).ensureAlpha(0.5).webp().toBuffer();
});

/** Mean difference of the framed digit from the upright, plain one. */
const distanceOf = (image: GrayImage) => {
  const { framed } = centerDigit(image);
  return framed.reduce((sum, value, at) => sum + Math.abs(value - (upright[at] ?? 0)), 0) / 784;
};

describe('decodeImage', () => {
  test('gives the gray of each pixel', async () => {
    expect(Buffer.compare((await decode(png)).pixels, seven.gray)).toBe(0);
  });

  test('reads a PNG named .jpg', async () => {
    expect((await decode(png, 'seven.jpg')).width).toBe(120);
  });

  test.each([
    ['baseline JPEG', () => toSharp(seven).jpeg().toBuffer()],
    ['progressive JPEG', () => toSharp(seven).jpeg({ progressive: true }).toBuffer()],
    ['CMYK JPEG', () => toSharp(seven).toColourspace('cmyk').jpeg().toBuffer()],
    ['lossy WebP', () => toSharp(seven).webp().toBuffer()],
    ['lossless WebP', () => toSharp(seven).webp({ lossless: true }).toBuffer()],
    ['palette PNG', () => toSharp(seven).png({ palette: true }).toBuffer()],
    ['interlaced PNG', () => toSharp(seven).png({ progressive: true }).toBuffer()],
    ['16-bit PNG', () => toSharp(seven).toColourspace('grey16').png().toBuffer()],
    ['16-bit color PNG', () => toSharp(seven).toColourspace('rgb16').png().toBuffer()],
    [
      'gray PNG with half-transparent pixels',
      () => toSharp(seven).ensureAlpha(0.6).toColourspace('b-w').png().toBuffer(),
    ],
    ['24-bit BMP', async () => encodeBmp(toRgb(seven), seven)],
  ])('reads the same digit from a %s (E13, E15)', async (_kind, make) => {
    expect(distanceOf(await decode(await make()))).toBeLessThan(1.5);
  });

  test.each([
    ['dark ink on transparent paper', (gray: number) => 255 - gray, () => 0],
    ['light ink on transparent paper', (gray: number) => 255 - gray, () => 255],
    ['paper with a color that transparency hides', (gray: number) => (gray < 128 ? 255 : 0), () => 10],
    ['opaque pixels alone', () => 255, (gray: number) => gray],
    ['light ink on opaque dark paper', () => 255, (gray: number) => 255 - gray],
  ])('reads the same digit from %s (E15)', async (_kind, alphaOf, colorOf) => {
    expect(distanceOf(await decode(await toRgba(alphaOf, colorOf).toBuffer()))).toBeLessThan(1.5);
  });

  test.each([2, 3, 4, 5, 6, 7, 8])(
    'turns a JPEG of EXIF orientation %i upright (E14)',
    async (orientation) => {
      const bytes = await (await turnedBack(seven, orientation))
        .withMetadata({ orientation })
        .jpeg({ quality: 95 })
        .toBuffer();
      expect(distanceOf(await decode(bytes))).toBeLessThan(1.5);
    },
  );

  test('takes the first picture of an animated PNG (E17)', async () => {
    const bytes = encodePng(seven, [['acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])]]);
    expect(distanceOf(await decode(bytes))).toBe(0);
  });

  test('reduces a photo of 12 MP while it decodes it', async () => {
    const photo = await toSharp(seven).resize(3000, 4000, { kernel: 'linear' }).jpeg().toBuffer();
    const { width, height, scale } = await decode(photo);
    expect([width, height, scale]).toEqual([768, 1024, 3.90625]);
  });

  test('gives up a decoder at the deadline (E12)', async () => {
    const photo = await toSharp(seven).resize(3000, 4000).png({ compressionLevel: 1 }).toBuffer();
    const decoding = decodeImage({ name: 'slow.png', bytes: photo }, { deadlineMs: 1 });
    expect(await readRejection(decoding)).toBe(
      'E_IMAGE_FORMAT: cannot read slow.png: decoding took more than 0.001 s',
    );
  });

  test('measures the time of the decoder alone, not that of a caller who is busy meanwhile', async () => {
    await decode(png);
    const decoding = decodeImage({ name: 'a.png', bytes: png }, { deadlineMs: 2000 });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
    expect((await decoding).width).toBe(120);
  });

  test('reports that compressed pixels are damaged where all checksums are right', async () => {
    const bytes = joinPng([
      ['IHDR', pngHeader({ width: 28, height: 28 })],
      ['IDAT', Buffer.from('these are no compressed pixels')],
      ['IEND', new Uint8Array(0)],
    ]);
    expect(await readRejection(decode(bytes))).toMatch(
      /^E_IMAGE_FORMAT: cannot read a\.png: its pixels cannot be decoded \(.+\)$/,
    );
  });

  test.each([
    [
      'a PNG of an unknown color type',
      () => joinPng([['IHDR', pngHeader({ ...size, colorType: 5 })], pixels, end]),
    ],
    ['a PNG without pixels', () => joinPng([header, end])],
    [
      'a PNG with a second header of another size',
      () => joinPng([header, ['IHDR', pngHeader(seven)], pixels, end]),
    ],
    ['a lossless JPEG', () => changed(jpeg, (bytes) => bytes.writeUInt8(0xc3, frameOf(bytes) + 1))],
    ['a hierarchical JPEG', () => changed(jpeg, (bytes) => bytes.writeUInt8(0xc5, frameOf(bytes) + 1))],
    [
      'a JPEG with a second frame of another size',
      () => {
        const at = frameOf(jpeg);
        const frame = changed(jpeg, (bytes) => bytes.writeUInt16BE(60_000, at + 5)).subarray(at, at + 13);
        return Buffer.concat([jpeg.subarray(0, at + 13), frame, jpeg.subarray(at + 13)]);
      },
    ],
    [
      'a WebP with a picture larger than its canvas',
      () => changed(canvas, (bytes) => bytes.writeUInt8(9, 24)),
    ],
    ['a WebP that does not start with a key frame', () => changed(lossy, (bytes) => bytes.writeUInt8(1, 20))],
  ])('leaves it to the decoder to refuse %s', async (_kind, make) => {
    expect(await readRejection(decode(make(), 'a'))).toMatch(
      /^E_IMAGE_FORMAT: cannot read a: its pixels cannot be decoded \(.+[^: ]\)$/,
    );
  });

  test('reports that a JPEG lacks a part of its pixels, though its end is there', async () => {
    const whole = await toSharp(seven).jpeg().toBuffer();
    const holed = Buffer.concat([whole.subarray(0, whole.length - 200), Buffer.of(0xff, 0xd9)]);
    expect(await readRejection(decode(holed, 'a.jpg'))).toMatch(
      /^E_IMAGE_FORMAT: cannot read a\.jpg: its pixels cannot be decoded \(.+\)$/,
    );
  });

  test('reads a JPEG whose scan parameters are odd, as some phones write them', async () => {
    const bytes = await toSharp(seven).jpeg({ quality: 95 }).toBuffer();
    const scan = bytes.indexOf(Buffer.of(0xff, 0xda));
    bytes[scan + 2 + bytes.readUInt16BE(scan + 2) - 2] = 0;
    expect(distanceOf(await decode(bytes, 'a.jpg'))).toBeLessThan(1.5);
  });

  test('refuses a bomb at once, without more memory', async () => {
    const bomb = joinPng([
      ['IHDR', pngHeader({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 })],
      ['IEND', new Uint8Array(0)],
    ]);
    const before = process.memoryUsage.rss();
    const startMs = performance.now();
    expect(await readRejection(decode(bomb))).toMatch(/^E_IMAGE_TOO_LARGE: /);
    expect(performance.now() - startMs).toBeLessThan(1000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(20 * 1024 * 1024);
  });
});
