import { decodeColorBmp } from './bmp.ts';
import { parseBmpHeader } from './bmp-header.ts';
import { type ColorImage, layOnWhite } from './color.ts';
import { decodeSamples } from './decode-samples.ts';
import { detectImageKind } from './kind.ts';
import type { ImageSource } from './source.ts';

/**
 * Decodes PNG, JPEG, BMP or WebP bytes in their own size and colors: turned upright as EXIF says, transparency on white.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` or `E_IMAGE_TOO_LARGE`.
 */
export async function decodeColorImage(source: ImageSource, deadlineMs = 30_000): Promise<ColorImage> {
  const kind = detectImageKind(source);
  if (kind === 'bmp') return layOnWhite(decodeColorBmp(source, parseBmpHeader(source)));
  return layOnWhite(await decodeSamples(source, kind, { deadlineMs }));
}
