import { TrainerError } from '../core/errors.ts';
import { readPictureFile, readPictureStream } from '../image/source.ts';
import { formatCommand } from './command-line.ts';

/** A picture that a command was given. */
export interface GivenPicture {
  /** Its operand. */
  readonly file: string;
  /** What messages call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Reads the picture that an operand names: a file, or `-` for standard input. @throws TrainerError as both readers say. */
export async function readPicture(file: string): Promise<GivenPicture> {
  return file === '-'
    ? { file, name: 'standard input', bytes: await readPictureStream(process.stdin) }
    : { file, name: file, bytes: readPictureFile(file) };
}

/**
 * The one digit of a picture, framed as `predict` does: [28, 28].
 *
 * @throws TrainerError `E_IMAGE_FORMAT` with the words of `blank` where there is no ink, or as reading the picture says.
 */
export async function frameOnlyDigit(
  { file, name, bytes }: GivenPicture,
  blank: { readonly message: string; readonly hint?: string },
): Promise<Uint8Array> {
  // With these come the decoders, which --help need not wait for.
  const { decodeImage } = await import('../image/decode.ts');
  const { centerDigit } = await import('../predict/center-digit.ts');
  const digit = centerDigit(await decodeImage({ name, bytes }));
  if (!digit.blank) return digit.framed;
  const { message, ...hint } = blank;
  const look =
    file === '-' ? {} : { command: formatCommand('predict', { operands: [file], flags: { show: true } }) };
  throw new TrainerError('E_IMAGE_FORMAT', message, { path: file, ...hint, ...look });
}
