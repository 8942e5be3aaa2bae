import path from 'node:path';
import { type ErrorDetails, escapeText, TrainerError } from '../core/errors.ts';
import { formatCount, readFileCapped } from '../core/files.ts';

/** The bytes of a picture and the path, or name, that messages give it. */
export interface ImageSource {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether pictures too small or too thin for a digit are wanted, too. */
  readonly isAnyShape?: boolean;
}

/** What a picture's own header says, read by us before any decoder sees the bytes. */
export interface ImageHeader {
  readonly kind: 'png' | 'jpeg' | 'bmp' | 'webp';
  readonly width: number;
  readonly height: number;
}

/** Pictures of more pixels are refused by their header. */
export const maxImagePixels = 64_000_000;

/** Files of more bytes are refused before they are read. */
const maxImageBytes = 32 * 1024 * 1024;

/** A stream of bytes from outside, as `process.stdin` is one. */
export interface PictureStream extends AsyncIterable<Uint8Array | string> {
  /** Whether a person types there. */
  readonly isTTY?: boolean;
}

/** Reads a picture's file. @throws TrainerError `E_NO_INPUT`, or `E_IMAGE_TOO_LARGE` beyond 32 MiB, before reading. */
export function readPictureFile(name: string): Uint8Array {
  return readFileCapped(name, maxImageBytes, 'E_IMAGE_TOO_LARGE');
}

/**
 * Reads a picture from a stream, and stops reading at 32 MiB.
 *
 * @throws TrainerError `E_USAGE` where the stream is a terminal, `E_IMAGE_TOO_LARGE` beyond the cap.
 */
export async function readPictureStream(stream: PictureStream): Promise<Uint8Array> {
  if (stream.isTTY === true) {
    throw new TrainerError('E_USAGE', 'cannot read a picture from the terminal', {
      hint: 'Give a file, or redirect one to standard input with "< FILE". Examples:',
      command: 'mnist-cnn predict --help',
    });
  }
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    sizeBytes += chunk.length;
    if (sizeBytes > maxImageBytes) {
      throw new TrainerError(
        'E_IMAGE_TOO_LARGE',
        `cannot read standard input: it has more than ${formatCount(maxImageBytes)} bytes, which is the limit`,
        { expected: `at most ${maxImageBytes}` },
      );
    }
  }
  return Buffer.concat(chunks);
}

/** The error of a picture that cannot be read; `reason` completes "cannot read NAME: ". */
export function imageError(source: ImageSource, reason: string, details: ErrorDetails = {}): TrainerError {
  return new TrainerError('E_IMAGE_FORMAT', formatReason(source, reason), { path: source.name, ...details });
}

/** The error of a picture cut short; `expectedBytes` where its header says how many there should be. */
export function endsEarlyError(source: ImageSource, expectedBytes?: number): TrainerError {
  const there = formatCount(source.bytes.length);
  const reason =
    expectedBytes === undefined
      ? `the image ends early, after ${there} bytes`
      : `the image ends early, ${there} of ${formatCount(expectedBytes)} bytes are there`;
  return imageError(source, reason, {
    ...(expectedBytes === undefined ? {} : { expected: String(expectedBytes) }),
    actual: String(source.bytes.length),
    hint: 'It was probably copied or downloaded only in part; fetch or export it again.',
  });
}

/** Refuses sizes that would cost too much, or that no digit can be read from. @throws TrainerError */
export function checkImageSize(source: ImageSource, header: ImageHeader): void {
  const { width, height } = header;
  const size = `${formatCount(width)} x ${formatCount(height)} pixels`;
  if (width < 1 || height < 1) {
    throw imageError(source, `its header says ${size}, each side must be at least 1`);
  }
  const pixels = width * height;
  if (pixels > maxImagePixels) {
    throw new TrainerError(
      'E_IMAGE_TOO_LARGE',
      formatReason(source, `it has ${size} (${formatCount(Math.ceil(pixels / 1e6))} MP), the limit is 64 MP`),
      {
        path: source.name,
        expected: `at most ${maxImagePixels}`,
        actual: String(pixels),
        hint: 'Scale the picture down, or crop it to the digit.',
      },
    );
  }
  if (source.isAnyShape === true) return;
  const shorter = Math.min(width, height);
  const longer = Math.max(width, height);
  if (shorter < 4 || longer < 8 || longer > 50 * shorter) {
    throw imageError(source, `it has ${size}, too small or too thin for a digit`, {
      hint: 'A digit needs at least 4 x 8 pixels; 28 x 28 or more is good.',
    });
  }
}

function formatReason(source: ImageSource, reason: string): string {
  return `cannot read ${escapeText(path.basename(source.name))}: ${reason}`;
}
