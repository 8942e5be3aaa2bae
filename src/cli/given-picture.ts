import { escapeText, TrainerError } from '../core/errors.ts';
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
 * @throws TrainerError `E_IMAGE_FORMAT` with the message `blank` where there is no ink, and where there are several digits;
 * or as reading the picture says.
 */
export async function frameOnlyDigit(
  { file, name, bytes }: GivenPicture,
  blank: string,
): Promise<Uint8Array> {
  // With these come the decoders, which --help need not wait for.
  const { decodeImage } = await import('../image/decode.ts');
  const { centerDigit } = await import('../predict/center-digit.ts');
  const { lookAt } = await import('../predict/page.ts');
  const { showsSeveralDigits } = await import('../predict/several-digits.ts');
  const image = await decodeImage({ name, bytes });
  const digit = centerDigit(image);
  const several = showsSeveralDigits(lookAt(image));
  if (!digit.blank && !several) return digit.framed;
  const message = several ? `found several digits in ${escapeText(name)}, expected one` : blank;
  const command = formatCommand('predict', { operands: [file], flags: { show: true } });
  const look = file === '-' ? {} : { hint: 'To see what was found in a picture:', command };
  throw new TrainerError('E_IMAGE_FORMAT', message, { path: file, ...look });
}
