import { parseJpegHeader } from '../../../src/image/jpeg-header.ts';
import { drawSeven, toSharp } from '../../support/pictures.ts';
import type { Target } from '../target.ts';

const seven = drawSeven(16, 24);

/** A JPEG's markers up to its frame, which are read before the decoder has it. */
export const jpegTarget: Target = {
  name: 'jpeg',
  seeds: async () => [
    await toSharp(seven).jpeg().toBuffer(),
    await toSharp(seven).jpeg({ progressive: true, quality: 10 }).toBuffer(),
    await toSharp(seven).toColorspace('cmyk').jpeg().toBuffer(),
    await toSharp(seven).withMetadata({ orientation: 6 }).jpeg({ quality: 1 }).toBuffer(),
    // One marker after the other: frame, scan, end.
    Buffer.from('ffd8ffc0000b080010001001011100ffda0008010100003f00112233ff00ffd0aaffd9', 'hex'),
  ],
  run: (bytes) => {
    const { width, height } = parseJpegHeader({ name: 'a.jpg', bytes });
    if (width * height > 64e6 || width * height < 32) throw new Error(`${width} x ${height} pixels`);
  },
  errors: ['E_IMAGE_FORMAT', 'E_IMAGE_TOO_LARGE'],
  scripts: ['src/image/jpeg-header.ts', 'src/image/source.ts'],
  words: ['c0', 'c2', 'c3', 'c4', 'c9', 'cc', 'd0', 'd8', 'd9', 'da', 'e1', 'ff', '00'].map((code) =>
    Buffer.from(`ff${code}`, 'hex'),
  ),
};
