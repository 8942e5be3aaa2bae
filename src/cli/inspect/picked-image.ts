import nodePath from 'node:path';
import { escapeText, TrainerError } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import { readPictureFile } from '../../image/picture-bytes.ts';
import { splitNames, takeExample } from '../example-choice.ts';
import { frameOnlyDigit } from '../framed-digit.ts';
import { loadModelExamples, type ModelExamples } from '../model-data.ts';
import type { InspectContext } from './inspect-options.ts';
import { findInspected } from './inspected-model.ts';

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

/** Loads the data of the model that the options name; `undefined` where a signal came. */
export function loadData(context: InspectContext): Promise<ModelExamples | undefined> {
  const source = findInspected(context);
  return loadModelExamples(source.type === 'folder' ? source.folder : undefined, context);
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
    throw new TrainerError('E_USAGE', '--image and --index cannot be used together', {
      command: 'mnist-cnn inspect --help',
    });
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
    { file, bytes: readPictureFile(file) },
    { message: `no ink found in ${title}: there is no digit to inspect` },
  );
  const name = nodePath.parse(file).name.replaceAll(/[^\w.-]+/g, '_');
  return { pixels, title, name, label: undefined };
}
