import { parseWebpHeader } from '../../../src/image/webp-header.ts';
import { drawSeven, toSharp } from '../../support/pictures.ts';
import type { Target } from '../target.ts';

const seven = drawSeven(16, 24);
const chunk = (type: string, data: string) => {
  const bytes = Buffer.from(data, 'hex');
  const head = Buffer.from(`${type}\0\0\0\0`);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
};
const riff = (...chunks: readonly Buffer[]) =>
  fitSize(Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), ...chunks])) ?? Buffer.alloc(0);

/** A WebP's first chunk, which is read before the decoder has it. */
export const webpTarget: Target = {
  name: 'webp',
  seeds: async () => [
    await toSharp(seven).webp({ quality: 1 }).toBuffer(),
    await toSharp(seven).webp({ lossless: true }).toBuffer(),
    riff(chunk('VP8X', '000000000f00000f0000'), chunk('VP8L', '2f0fc00300')),
    riff(chunk('VP8X', '020000000f00000f0000'), chunk('ANIM', '000000000000'), chunk('ANMF', '00')),
    riff(chunk('EXIF', '00'), chunk('VP8 ', '0000009d012a10001000')),
  ],
  run: (bytes) => {
    const { width, height } = parseWebpHeader({ name: 'a.webp', bytes });
    if (width * height > 64e6 || width * height < 32) throw new Error(`${width} x ${height} pixels`);
  },
  errors: ['E_IMAGE_FORMAT', 'E_IMAGE_TOO_LARGE'],
  scripts: ['src/image/webp-header.ts', 'src/image/source.ts'],
  words: ['VP8X', 'VP8L', 'VP8 ', 'ANMF', 'ALPH', '\0\0\0\0'],
  repair: fitSize,
};

/** Writes the file's own size into its header. */
function fitSize(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 12) return undefined;
  const fitted = Buffer.from(bytes);
  fitted.writeUInt32LE(bytes.length - 8, 4);
  return fitted;
}
