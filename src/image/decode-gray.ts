import { decodeBmp } from './bmp.ts';
import { parseBmpHeader } from './bmp-header.ts';
import { grayOf, type Samples } from './color.ts';
import { decodeSamples } from './decode-samples.ts';
import { flattenAlpha, type GrayImage, type PixelPlanes } from './gray.ts';
import { detectImageKind } from './kind.ts';
import type { ImageSource } from './source.ts';

/** How a picture is decoded. */
export interface DecodeOptions {
  /** Larger pictures are reduced so that their longer side has at most this many pixels; 512 by default. */
  readonly maxSide?: number;
  /** A decoder that takes longer is stopped; 5,000 by default. */
  readonly deadlineMs?: number;
  /** Ends the decoder when it comes. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes PNG, JPEG, BMP or WebP bytes to gray: turned upright as EXIF says, transparency on paper. Kind, size and
 * wholeness are checked on the headers first, so that no decoder sees what would cost too much.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` or `E_IMAGE_TOO_LARGE`; the reason of the signal.
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<GrayImage> {
  const { maxSide = 512, deadlineMs = 5000, signal } = options;
  const kind = detectImageKind(source);
  if (kind === 'bmp') return flattenAlpha(decodeBmp(source, parseBmpHeader(source), maxSide));
  return flattenAlpha(splitPlanes(await decodeSamples(source, kind, { maxSide, deadlineMs, signal })));
}

function splitPlanes({ width, height, channels, data }: Samples): PixelPlanes {
  const gray = new Uint8Array(width * height);
  for (let pixel = 0, at = 0; pixel < gray.length; pixel++, at += channels) {
    const red = data[at] ?? 0;
    gray[pixel] = channels < 3 ? red : grayOf(red, data[at + 1] ?? 0, data[at + 2] ?? 0);
  }
  if (channels % 2 === 1) return { width, height, gray, alpha: undefined };
  const alpha = new Uint8Array(gray.length);
  let isOpaque = true;
  for (let pixel = 0, at = channels - 1; pixel < alpha.length; pixel++, at += channels) {
    const opacity = data[at] ?? 255;
    if (opacity !== 255) isOpaque = false;
    alpha[pixel] = opacity;
  }
  return { width, height, gray, alpha: isOpaque ? undefined : alpha };
}
