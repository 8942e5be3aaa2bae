import type { Samples } from './color.ts';
import { type DecoderEnd, runDecoder } from './decoder.ts';
import { parseJpegHeader } from './jpeg-header.ts';
import { parsePng } from './png-header.ts';
import { type ImageHeader, type ImageSource, imageError } from './source.ts';
import { parseWebpHeader } from './webp-header.ts';

/** What a decoder may cost. */
export interface DecodeLimits extends DecoderEnd {
  /** Larger pictures are reduced so that their longer side has at most this many pixels; none are by default. */
  readonly maxSide?: number;
}

/**
 * Decodes PNG, JPEG or WebP bytes, turned upright as EXIF says. Size and wholeness are checked on the headers first, so
 * that no decoder sees what would cost too much.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` or `E_IMAGE_TOO_LARGE`; `E_OS` where no process can be started to decode in; the
 * reason of the signal.
 */
export async function decodeSamples(
  source: ImageSource,
  kind: Exclude<ImageHeader['kind'], 'bmp'>,
  { deadlineMs, signal, ...limits }: DecodeLimits,
): Promise<Samples> {
  const bytes = kind === 'png' ? parsePng(source).bytes : source.bytes;
  if (kind === 'jpeg') parseJpegHeader(source);
  if (kind === 'webp') parseWebpHeader(source);
  const outcome = await runDecoder({ bytes, ...limits }, { deadlineMs, signal });
  if (outcome.type === 'decoded') return outcome.samples;
  if (outcome.type === 'late') {
    throw imageError(source, `decoding took more than ${deadlineMs / 1000} s`, {
      hint: 'Save the picture again with another program.',
    });
  }
  const reason = outcome.type === 'failed' ? outcome.reason : `the decoder crashed on it, ${outcome.how}`;
  throw imageError(source, `its pixels cannot be decoded (${reason})`, {
    hint: 'The file is probably damaged; fetch or export it again.',
  });
}
