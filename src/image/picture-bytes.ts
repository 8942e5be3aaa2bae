import { TrainerError } from '../core/errors.ts';
import { formatCount, readFileCapped } from '../core/files.ts';
import { maxImageBytes } from './source.ts';

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
