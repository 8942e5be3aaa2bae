import { decodeBmp, decodeColorBmp } from '../../../src/image/bmp.ts';
import { parseBmpHeader } from '../../../src/image/bmp-header.ts';
import { layOnWhite } from '../../../src/image/color.ts';
import { flattenAlpha } from '../../../src/image/gray.ts';
import { grayPalette, joinBmp } from '../../support/pictures.ts';
import type { Target } from '../target.ts';

const size = { width: 8, height: 8 };
const bytes = (text: string) => Buffer.from(text, 'hex');

const masks = bytes('ff00000000ff00000000ff00000000ff');
/** Three pixels for each that is kept. */
const wide = joinBmp({
  width: 200,
  height: 8,
  bits: 1,
  palette: grayPalette(2),
  pixels: Buffer.alloc(224, 0x33),
});
/** With the header of OS/2, of 12 bytes. */
const core = Buffer.concat([
  bytes('424d0000000000000000200000000c0000000800080001000100'),
  Buffer.alloc(6, 0x7f),
  Buffer.alloc(32, 0xaa),
]);

/** BMP pictures, which are decoded here to the last pixel. */
export const bmpTarget: Target = {
  name: 'bmp',
  seeds: () => [
    ...[1, 4, 8].map((bits) =>
      joinBmp({
        ...size,
        bits,
        palette: grayPalette(2 ** bits).subarray(0, 64),
        pixels: Buffer.alloc(64, 0x10),
      }),
    ),
    ...[24, 32].map((bits) => joinBmp({ ...size, height: -8, bits, pixels: Buffer.alloc(256, 0x5a) })),
    joinBmp({ ...size, bits: 32, compression: 3, palette: masks, pixels: Buffer.alloc(256, 0x80) }),
    joinBmp({ ...size, bits: 32, compression: 6, palette: masks, pixels: Buffer.alloc(256) }),
    // Kinds that are not read: 16 bits and run lengths.
    joinBmp({ ...size, bits: 16, pixels: Buffer.alloc(128) }),
    joinBmp({ ...size, bits: 8, compression: 1, pixels: bytes('040100030102030000020101000000000001') }),
    wide,
    core,
  ],
  run: (given) => {
    const source = { name: 'a.bmp', bytes: given };
    const header = parseBmpHeader(source);
    // Larger ones are tried in test/image/bmp.test.ts: here they would take the time of a thousand others.
    if (header.width * header.height > 1_000_000) return;
    const { width, height, pixels } = flattenAlpha(decodeBmp(source, header, 64));
    if (pixels.length !== width * height || Math.max(width, height) > 64) throw new Error('a wrong size');
    const color = layOnWhite(decodeColorBmp(source, header));
    if (color.pixels.length !== header.width * header.height * color.channels)
      throw new Error('a wrong color size');
  },
  errors: ['E_IMAGE_FORMAT', 'E_IMAGE_TOO_LARGE'],
  scripts: ['src/image/bmp.ts', 'src/image/bmp-header.ts', 'src/image/row-reducer.ts', 'src/image/source.ts'],
  maxBytes: 2048,
};
