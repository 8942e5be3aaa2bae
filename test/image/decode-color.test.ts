import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { toGray } from '../../src/image/color.ts';
import { decodeColorImage } from '../../src/image/decode.ts';
import { grayPalette, joinBmp } from '../support/pictures.ts';
import { readRejection } from '../support/read-error.ts';

/** Three by two pixels: red, green, blue over black, white, gray. */
const colors = [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 90, 90, 90];
const size = { width: 3, height: 2 };
const decode = async (bytes: Uint8Array) => {
  const { pixels, ...rest } = await decodeColorImage({ name: 'a.png', bytes, isAnyShape: true });
  return { ...rest, pixels: [...pixels] };
};
const toPng = (samples: readonly number[], channels: 1 | 2 | 3 | 4) =>
  sharp(Buffer.from(samples), { raw: { ...size, channels } })
    .toColorspace(channels < 3 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();

describe('decodeColorImage', () => {
  test('gives red, green and blue of each pixel', async () => {
    expect(await decode(await toPng(colors, 3))).toEqual({ ...size, channels: 3, pixels: colors });
  });

  test('gives a picture without color one channel', async () => {
    const gray = [1, 2, 3, 4, 5, 6];
    expect(await decode(await toPng(gray, 1))).toEqual({ ...size, channels: 1, pixels: gray });
  });

  test('lays what is transparent on white, in proportion', async () => {
    const samples = [
      [200, 0, 100, 255],
      [200, 0, 100, 51],
      [200, 0, 100, 0],
    ].flat();
    const { pixels } = await decode(await toPng([...samples, ...samples], 4));
    expect(pixels.slice(0, 9)).toEqual([200, 0, 100, 244, 204, 224, 255, 255, 255]);
  });

  test('lays a gray picture with opacity on white, too', async () => {
    const { pixels } = await decode(await toPng([100, 255, 100, 0, 0, 51, 9, 255, 9, 255, 9, 255], 2));
    expect(pixels).toEqual([100, 255, 204, 9, 9, 9]);
  });

  test('reads a BMP of 24 bits', async () => {
    const row = (from: number) => [
      ...[0, 1, 2].flatMap((x) => [2, 1, 0].map((color) => colors[from + 3 * x + color] ?? 0)),
      0,
      0,
      0,
    ];
    const bytes = joinBmp({ ...size, bits: 24, pixels: Uint8Array.from([...row(9), ...row(0)]) });
    expect(await decode(bytes)).toEqual({ ...size, channels: 3, pixels: colors });
  });

  test("reads a BMP's palette", async () => {
    const palette = grayPalette(256);
    palette.set([10, 20, 30], 4);
    const bytes = joinBmp({
      ...size,
      bits: 8,
      palette,
      pixels: Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0),
    });
    expect((await decode(bytes)).pixels.slice(9)).toEqual([30, 20, 10, 2, 2, 2, 3, 3, 3]);
  });

  test('takes the opacity of a BMP that has none anywhere for unused', async () => {
    const masks = Uint8Array.of(0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255);
    const pixels = Uint8Array.from({ length: 24 }, (_, at) => (at % 4 === 3 ? 0 : 90));
    const { pixels: decoded } = await decode(
      joinBmp({ ...size, bits: 32, compression: 6, palette: masks, pixels }),
    );
    expect([...new Set(decoded)]).toEqual([90]);
  });

  test('keeps the size of a large picture', async () => {
    const large = sharp({ create: { width: 2000, height: 900, channels: 3, background: 'teal' } });
    const { width, height } = await decodeColorImage({ name: 'a.jpg', bytes: await large.jpeg().toBuffer() });
    expect([width, height]).toEqual([2000, 900]);
  });

  test('turns a JPEG upright as EXIF says', async () => {
    const lying = sharp({ create: { width: 40, height: 20, channels: 3, background: 'teal' } });
    const bytes = await lying.withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { width, height } = await decodeColorImage({ name: 'a.jpg', bytes });
    expect([width, height]).toEqual([20, 40]);
  });

  test('refuses what is too thin for a digit, unless any shape is wanted', async () => {
    expect(await readRejection(decodeColorImage({ name: 'a.png', bytes: await toPng(colors, 3) }))).toBe(
      'E_IMAGE_FORMAT: cannot read a.png: it has 3 x 2 pixels, too small or too thin for a digit',
    );
  });

  test('gives up a decoder at the deadline', async () => {
    const large = sharp({ create: { width: 4000, height: 3000, channels: 3, background: 'teal' } });
    const bytes = await large.png({ compressionLevel: 1 }).toBuffer();
    expect(await readRejection(decodeColorImage({ name: 'a.png', bytes }, 1))).toBe(
      'E_IMAGE_FORMAT: cannot read a.png: decoding took more than 0.001 s',
    );
  });
});

test('toGray weighs red, green and blue by their brightness', async () => {
  const image = await decodeColorImage({ name: 'a', bytes: await toPng(colors, 3), isAnyShape: true });
  expect([...toGray(image)]).toEqual([76, 150, 29, 0, 255, 90]);
});
