import fs from 'node:fs';
import path from 'node:path';
import { escapeText, TrainerError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { isReadableImage } from './kind.ts';

/** A file to read a digit from, or why there is none. */
export interface PictureFile {
  readonly name: string;
  readonly error?: TrainerError;
}

/**
 * Lists the pictures that files and folders name: a file as it is, of a folder those that are pictures by their ending
 * or their content, in natural order (`2.png` before `10.png`); folders inside it are not searched.
 */
export function* listPictures(operands: readonly string[]): Generator<PictureFile> {
  for (const operand of operands) {
    try {
      if (operand !== '-' && fs.statSync(operand).isDirectory()) yield* listFolder(operand);
      else yield { name: operand };
    } catch (error) {
      yield { name: operand, error: fileError(error, 'read', operand, 'E_NO_INPUT') };
    }
  }
}

const naturalOrder = new Intl.Collator('en', { numeric: true });

/** Which of two names comes first: `2.png` before `10.png`. */
export function compareNames(one: string, other: string): number {
  return naturalOrder.compare(one, other) || (one < other ? -1 : 1);
}

function* listFolder(folder: string): Generator<PictureFile> {
  const names = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => path.join(folder, entry.name))
    .sort(compareNames);
  let count = 0;
  for (const name of names) {
    if (!isPicture(name)) continue;
    count += 1;
    yield { name };
  }
  if (count > 0) return;
  const error = new TrainerError(
    'E_NO_INPUT',
    `cannot read ${escapeText(path.basename(folder))}: there are no pictures in this folder`,
    { path: folder, hint: 'Pictures are PNG, JPEG, BMP and WebP files.' },
  );
  yield { name: folder, error };
}

/** Whether a file is a picture by the ending of its name or by its content. */
export function isPicture(name: string): boolean {
  return /\.(png|jpe?g|bmp|webp)$/i.test(name) || isReadableImage(readHead(name));
}

/** The first bytes of a regular file; none of what is not a file or cannot be read. */
function readHead(name: string): Uint8Array {
  const head = Buffer.alloc(32);
  try {
    if (!fs.statSync(name).isFile()) return head.subarray(0, 0);
    const handle = fs.openSync(name, 'r');
    try {
      return head.subarray(0, fs.readSync(handle, head, 0, head.length, 0));
    } finally {
      fs.closeSync(handle);
    }
  } catch {
    return head.subarray(0, 0);
  }
}
