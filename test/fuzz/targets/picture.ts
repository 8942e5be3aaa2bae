import { TrainerError } from '../../../src/core/errors.ts';
import { parseBmpHeader } from '../../../src/image/bmp-header.ts';
import { decodeColorImage, decodeImage } from '../../../src/image/decode.ts';
import { parseJpegHeader } from '../../../src/image/jpeg-header.ts';
import { parsePng } from '../../../src/image/png-header.ts';
import { parseWebpHeader } from '../../../src/image/webp-header.ts';
import { framedOf, lookAt } from '../../../src/predict/page.ts';
import type { Target } from '../target.ts';
import { bmpTarget } from './bmp.ts';
import { jpegTarget } from './jpeg.ts';
import { pngTarget } from './png.ts';
import { webpTarget } from './webp.ts';

const kinds = [pngTarget, jpegTarget, webpTarget, bmpTarget];

/** Pictures of every kind on the whole way: header checks, native decoder, 28 x 28. */
export const pictureTarget: Target = {
  name: 'picture',
  seeds: async () => (await Promise.all(kinds.map(async ({ seeds }) => seeds()))).flat(),
  run: async (bytes) => {
    const source = { name: 'a.png', bytes };
    // A decoder may take long over a large picture, and may.
    if (isLarge(bytes)) return;
    const page = lookAt(await decodeImage(source));
    if (framedOf(page).some(({ length }) => length !== 784)) throw new Error('a frame of another size');
    await decodeColorImage(source);
  },
  errors: ['E_IMAGE_FORMAT', 'E_IMAGE_TOO_LARGE'],
  scripts: ['src/image/decode.ts', 'src/image/kind.ts'],
  guides: ['src/image/', 'src/predict/'],
  mutations: kinds.flatMap(({ mutations = [] }) => mutations),
  words: kinds.flatMap(({ words = [] }) => words),
  repair: (bytes) => {
    const kind = kinds.find(
      ({ name }) => name === (bytes[0] === 0x89 ? 'png' : bytes[0] === 0x52 ? 'webp' : ''),
    );
    return kind?.repair?.(bytes);
  },
  runs: 50_000,
  replays: 40,
};

/** Whether a picture passes the checks of its header, and has more than 256 x 256 pixels. */
function isLarge(bytes: Buffer): boolean {
  const source = { name: 'a', bytes };
  for (const parse of [
    () => parsePng(source).header,
    () => parseJpegHeader(source),
    () => parseWebpHeader(source),
    () => parseBmpHeader(source),
  ]) {
    try {
      const { width, height } = parse();
      if (width * height > 65_536) return true;
    } catch (error) {
      if (!(error instanceof TrainerError)) throw error;
    }
  }
  return false;
}
