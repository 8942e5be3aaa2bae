import type { Sharp } from 'sharp';
import type { Samples } from './color-image.ts';
import { type ImageHeader, type ImageSource, imageError, maxImagePixels } from './image-source.ts';
import { parseJpegHeader } from './jpeg-header.ts';
import { parsePng } from './png-header.ts';
import { parseWebpHeader } from './webp-header.ts';

/** What a decoder may cost. */
export interface DecodeLimits {
  /** Larger pictures are reduced so that their longer side has at most this many pixels; none are unless told. */
  readonly maxSide?: number;
  /** A decoder that takes longer is given up. */
  readonly deadlineMs: number;
}

/**
 * Decodes PNG, JPEG or WebP bytes, turned upright as EXIF says. Size and wholeness are checked on the headers first, so
 * that no decoder sees what would cost too much.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` or `E_IMAGE_TOO_LARGE`.
 */
export async function decodeSamples(
  source: ImageSource,
  kind: Exclude<ImageHeader['kind'], 'bmp'>,
  limits: DecodeLimits,
): Promise<Samples> {
  const bytes = kind === 'png' ? parsePng(source).bytes : source.bytes;
  if (kind === 'jpeg') parseJpegHeader(source);
  if (kind === 'webp') parseWebpHeader(source);
  return withDeadline(source, decodeWithSharp(source, bytes, limits), limits.deadlineMs);
}

async function decodeWithSharp(
  source: ImageSource,
  bytes: Uint8Array,
  { maxSide, deadlineMs }: DecodeLimits,
): Promise<Samples> {
  // Loaded here, since it costs 50 ms that a help text need not pay.
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  const decode = async (failOn: 'warning' | 'error') => {
    const upright = sharp(bytes, {
      autoOrient: true,
      failOn,
      ignoreIcc: true,
      limitInputPixels: maxImagePixels,
    });
    const { data, info } = await (maxSide === undefined ? upright : reduce(upright, maxSide))
      .timeout({ seconds: Math.max(1, Math.ceil(deadlineMs / 1000)) })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: info.channels, data };
  };
  try {
    return await decode('warning');
  } catch (error) {
    // Some phones write these into every photo; all other warnings mean that pixels are missing or made up.
    if (!isHarmless(error)) throw toImageError(source, error, deadlineMs);
  }
  try {
    return await decode('error');
  } catch (error) {
    throw toImageError(source, error, deadlineMs);
  }
}

function reduce(picture: Sharp, maxSide: number): Sharp {
  return picture.resize({
    width: maxSide,
    height: maxSide,
    fit: 'inside',
    withoutEnlargement: true,
    // The triangle kernel has no overshoot, which would draw bright rims around dark strokes.
    kernel: 'linear',
  });
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
