import { decodeBmp } from './bmp.ts';
import { grayOf, parseBmpHeader } from './bmp-header.ts';
import { flattenAlpha, type GrayImage, type PixelPlanes } from './gray-image.ts';
import { detectImageKind } from './image-kind.ts';
import { type ImageSource, imageError, maxImagePixels } from './image-source.ts';
import { parseJpegHeader } from './jpeg-header.ts';
import { parsePng } from './png-header.ts';
import { parseWebpHeader } from './webp-header.ts';

/** How a picture is decoded. */
export interface DecodeOptions {
  /** Larger pictures are reduced so that their longer side has at most this many pixels; 512 unless told. */
  readonly maxSide?: number;
  /** A decoder that takes longer is given up; 5,000 unless told. */
  readonly deadlineMs?: number;
}

/**
 * Decodes PNG, JPEG, BMP or WebP bytes to gray: turned upright as EXIF says, transparency on paper. Kind, size and
 * wholeness are checked on the headers first, so that no decoder sees what would cost too much.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` or `E_IMAGE_TOO_LARGE`.
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<GrayImage> {
  const { maxSide = 512, deadlineMs = 5000 } = options;
  const kind = detectImageKind(source);
  if (kind === 'bmp') return flattenAlpha(decodeBmp(source, parseBmpHeader(source), maxSide));
  const bytes = kind === 'png' ? parsePng(source).bytes : source.bytes;
  if (kind === 'jpeg') parseJpegHeader(source);
  if (kind === 'webp') parseWebpHeader(source);
  const decoding = decodeWithSharp(source, bytes, { maxSide, deadlineMs });
  return flattenAlpha(await withDeadline(source, decoding, deadlineMs));
}

async function decodeWithSharp(
  source: ImageSource,
  bytes: Uint8Array,
  limits: { readonly maxSide: number; readonly deadlineMs: number },
): Promise<PixelPlanes> {
  // Loaded here, since it costs 50 ms that a help text need not pay.
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  const decode = async (failOn: 'warning' | 'error') => {
    const { data, info } = await sharp(bytes, {
      autoOrient: true,
      failOn,
      ignoreIcc: true,
      limitInputPixels: maxImagePixels,
    })
      .resize({
        width: limits.maxSide,
        height: limits.maxSide,
        fit: 'inside',
        withoutEnlargement: true,
        // The triangle kernel has no overshoot, which would draw bright rims around dark strokes.
        kernel: 'linear',
      })
      .timeout({ seconds: Math.max(1, Math.ceil(limits.deadlineMs / 1000)) })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return splitPlanes(data, info);
  };
  try {
    return await decode('warning');
  } catch (error) {
    // Some phones write these into every photo; all other warnings mean that pixels are missing or made up.
    if (!isHarmless(error)) throw toImageError(source, error, limits.deadlineMs);
  }
  try {
    return await decode('error');
  } catch (error) {
    throw toImageError(source, error, limits.deadlineMs);
  }
}

function isHarmless(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Invalid SOS parameters');
}

function toImageError(source: ImageSource, error: unknown, deadlineMs: number): Error {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  if (reason.startsWith('timeout')) return deadlineError(source, deadlineMs);
  return imageError(source, `its pixels cannot be decoded (${reason})`, {
    hint: 'The file is probably damaged; fetch or export it again.',
    cause: error,
  });
}

function splitPlanes(
  data: Uint8Array,
  info: { readonly width: number; readonly height: number; readonly channels: number },
): PixelPlanes {
  const { width, height, channels } = info;
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

/** Gives up waiting: a decoder that loops in its own thread cannot be stopped, but no longer holds up the others. */
async function withDeadline<Value>(
  source: ImageSource,
  decoding: Promise<Value>,
  deadlineMs: number,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(deadlineError(source, deadlineMs)), deadlineMs);
  });
  try {
    return await Promise.race([decoding, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function deadlineError(source: ImageSource, deadlineMs: number): Error {
  return imageError(source, `decoding took more than ${deadlineMs / 1000} s`, {
    hint: 'Save the picture anew with another program.',
  });
}
