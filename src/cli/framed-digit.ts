import { TrainerError } from '../core/errors.ts';
import { decodeImage } from '../image/decode.ts';
import { centerDigit } from '../predict/center-digit.ts';
import { formatCommand } from './command-line.ts';

/** A picture that a command was given: its operand, and its bytes. */
export interface GivenPicture {
  readonly file: string;
  /** What messages call it, where that is not the operand. */
  readonly name?: string;
  readonly bytes: Uint8Array;
}

/**
 * The one digit of a picture, framed as `predict` does: [28, 28].
 *
 * @throws TrainerError `E_IMAGE_FORMAT` with the words of `blank` where there is no ink, or as reading the picture says.
 */
export async function frameOnlyDigit(
  { file, name = file, bytes }: GivenPicture,
  blank: { readonly message: string; readonly hint?: string },
): Promise<Uint8Array> {
  const digit = centerDigit(await decodeImage({ name, bytes }));
  if (!digit.blank) return digit.framed;
  const { message, ...hint } = blank;
  const look =
    file === '-' ? {} : { command: formatCommand('predict', { operands: [file], flags: { show: true } }) };
  throw new TrainerError('E_IMAGE_FORMAT', message, { path: file, ...hint, ...look });
}
