import { decodeBmp, decodeColorBmp } from './bmp.ts';
import { parseBmpHeader } from './bmp-header.ts';
import { type ColorImage, layOnWhite, type Samples } from './color.ts';
import { runDecoder } from './decoder.ts';
import { flattenAlpha, type GrayImage, splitPlanes } from './gray.ts';
import { parseJpegHeader } from './jpeg-header.ts';
import { detectImageKind } from './kind.ts';
import { parsePng } from './png-header.ts';
import { type ImageHeader, type ImageSource, imageError } from './source.ts';
import { parseWebpHeader } from './webp-header.ts';

/** How a picture is decoded. */
export interface DecodeOptions {
  /** Larger pictures are reduced so that their longer side has at most this many pixels; 1,024 by default. */
  readonly maxSide?: number;
  /** A decoder that takes longer is stopped; 5,000 by default. */
  readonly deadlineMs?: number;
  /** Ends the decoder when it comes. */
  readonly signal?: AbortSignal | undefined;
}

/** A picture as it was decoded, perhaps reduced. */
export interface DecodedImage extends GrayImage {
  /** How many pixels of the picture a pixel is wide. */
  readonly scale: number;
}

/**
 * Decodes PNG, JPEG, BMP or WebP bytes to gray: turned upright as EXIF says, transparency on paper. Kind, size and
 * wholeness are checked on the headers first, so that no decoder sees what would cost too much.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` or `E_IMAGE_TOO_LARGE`; `E_OS` where no process can be started to decode in; the
 * reason of the signal.
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<DecodedImage> {
  const { maxSide = 1024, deadlineMs = 5000, signal } = options;
  const kind = detectImageKind(source);
  if (kind === 'bmp') {
    const header = parseBmpHeader(source);
    return withScale(flattenAlpha(decodeBmp(source, header, maxSide)), header);
  }
  const { samples, header } = await decodeSamples(source, kind, { maxSide, deadlineMs, signal });
  return withScale(flattenAlpha(splitPlanes(samples)), header);
}

/** Longer sides are compared, since a photo may have been turned. */
function withScale(image: GrayImage, header: Pick<ImageHeader, 'width' | 'height'>): DecodedImage {
  const scale = Math.max(header.width, header.height) / Math.max(image.width, image.height);
  return { ...image, scale };
}

/**
 * Decodes PNG, JPEG, BMP or WebP bytes in their own size and colors: turned upright as EXIF says, transparency on white.
 *
 * @throws TrainerError as `decodeImage`.
 */
export async function decodeColorImage(source: ImageSource, deadlineMs = 30_000): Promise<ColorImage> {
  const kind = detectImageKind(source);
  if (kind === 'bmp') return layOnWhite(decodeColorBmp(source, parseBmpHeader(source)));
  return layOnWhite((await decodeSamples(source, kind, { deadlineMs })).samples);
}

async function decodeSamples(
  source: ImageSource,
  kind: Exclude<ImageHeader['kind'], 'bmp'>,
  { signal, ...limits }: Omit<DecodeOptions, 'deadlineMs'> & { readonly deadlineMs: number },
): Promise<{ readonly samples: Samples; readonly header: ImageHeader }> {
  const { header, bytes } = parseHeader(source, kind);
  const outcome = await runDecoder({ bytes, ...limits }, signal);
  if (outcome.type === 'decoded') return { samples: outcome.samples, header };
  if (outcome.type === 'late') {
    throw imageError(source, `decoding took more than ${limits.deadlineMs / 1000} s`, {
      hint: 'Save the picture again with another program.',
    });
  }
  const reason = outcome.type === 'failed' ? outcome.reason : `the decoder crashed on it, ${outcome.how}`;
  throw imageError(source, `its pixels cannot be decoded (${reason})`, {
    hint: 'The file is probably damaged; fetch or export it again.',
  });
}

/** What the header says, and the bytes that the decoder needs. */
function parseHeader(
  source: ImageSource,
  kind: Exclude<ImageHeader['kind'], 'bmp'>,
): { readonly header: ImageHeader; readonly bytes: Uint8Array } {
  if (kind === 'png') return parsePng(source);
  return { header: kind === 'jpeg' ? parseJpegHeader(source) : parseWebpHeader(source), bytes: source.bytes };
}
