import nodePath from 'node:path';
import { escapeText } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import { readPictureFile } from '../../image/source.ts';
import { usageError } from '../command-line.ts';
import { splitNames, takeExample } from '../example-choice.ts';
import { frameOnlyDigit } from '../given-picture.ts';
import type { ModelExamples } from '../model-data.ts';
import type { InspectContext } from './inspect-options.ts';

/** An image that a view looks at. */
export interface PickedImage {
  /** Ink light on black, [28, 28]. */
  readonly pixels: Uint8Array;
  /** "test image 115, label 4", or the file's name. */
  readonly title: string;
  /** For names of files: `test-115`, or the picture's name without its ending. */
  readonly name: string;
  /** What it is, where that is known. */
  readonly label: number | undefined;
}

/**
 * The image that `--image` or `--index` names, the first test image without them; `undefined` where a signal came.
 *
 * @throws TrainerError `E_USAGE`, or as reading the picture says.
 */
export async function pickImage(
  { options, origins }: InspectContext,
  load: () => Promise<ModelExamples | undefined>,
): Promise<PickedImage | undefined> {
  const { image, index, split } = options;
  if (image !== undefined) {
    if (origins.index !== 'flag') return readDigit(image);
    throw usageError('inspect', '--image and --index cannot be used together');
  }
  const loaded = await load();
  if (loaded === undefined) return undefined;
  const { label, pixels } = takeExample(loaded[split], split, index);
  const title = `${splitNames[split]} image ${formatCount(index)}, label ${label}`;
  return { pixels, title, name: `${split}-${index}`, label };
}

/** Reads and centers the digit of a picture as `predict` does. */
async function readDigit(file: string): Promise<PickedImage> {
  const title = escapeText(nodePath.basename(file));
  const pixels = await frameOnlyDigit(
    { file, name: file, bytes: readPictureFile(file) },
    `no ink found in ${title}: there is no digit to inspect`,
  );
  const name = nodePath.parse(file).name.replaceAll(/[^\w.-]+/g, '_');
  return { pixels, title, name, label: undefined };
}
