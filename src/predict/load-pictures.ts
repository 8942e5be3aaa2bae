import { escapeText } from '../core/errors.ts';
import { formatCount } from '../core/files.ts';
import { decodeImage } from '../image/decode.ts';
import { type LabeledPicture, listClasses } from '../image/list-classes.ts';
import { imageError, readPictureFile } from '../image/source.ts';
import { centerDigit } from './center-digit.ts';

/** Images, [count, 28, 28], ink light on black, with their labels, 0 to 9. */
export interface FramedPictures {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** The pictures of a folder, ready to train on and to test by. */
export interface LoadedPictures {
  readonly train: FramedPictures;
  readonly test: FramedPictures;
  /** What lies there and is not read, in a sentence. */
  readonly warnings: readonly string[];
  /** How they were split, in a sentence. */
  readonly notes: readonly string[];
}

/** How pictures are loaded. */
export interface LoadPicturesOptions {
  /** Called for each picture that has been read. */
  readonly onPicture?: (done: number, total: number) => void;
  /** Calls off what is in work. */
  readonly signal?: AbortSignal | undefined;
}

const decodesAtOnce = 4;

/**
 * Loads a folder of pictures by class as `listClasses` finds them, each framed as `predict --single` frames it: a network is
 * trained on what it will be shown.
 *
 * @throws TrainerError as `listClasses` says; `E_IMAGE_FORMAT` or `E_IMAGE_TOO_LARGE` of the first picture that cannot be read
 * or has no ink; the reason of the signal.
 */
export async function loadPictures(
  folder: string,
  options: LoadPicturesOptions = {},
): Promise<LoadedPictures> {
  const { train, test, isHeldOut, others } = listClasses(folder);
  const all = [...train, ...test];
  const images = await frameAll(all, options);
  const labels = Uint8Array.from(all, ({ label }) => label);
  const split = train.length;
  return {
    train: { images: images.subarray(0, split * 784), labels: labels.subarray(0, split) },
    test: { images: images.subarray(split * 784), labels: labels.subarray(split) },
    warnings: describeOthers(others),
    notes: isHeldOut ? [describeSplit(folder, train.length, test.length)] : [],
  };
}

/** Frames pictures, some at once: [count, 28, 28]. Of several that cannot be read, the first is reported. */
async function frameAll(
  pictures: readonly LabeledPicture[],
  { onPicture, signal }: LoadPicturesOptions,
): Promise<Uint8Array> {
  const images = new Uint8Array(pictures.length * 784);
  const failures = new Map<number, unknown>();
  let [next, done] = [0, 0];
  const work = async () => {
    while (next < pictures.length && failures.size === 0) {
      const at = next++;
      try {
        images.set(await framePicture(pictures[at]?.file ?? '', signal), at * 784);
        onPicture?.(++done, pictures.length);
      } catch (error) {
        failures.set(at, error);
      }
    }
  };
  await Promise.all(Array.from({ length: decodesAtOnce }, work));
  // They are taken in order: all before the first failure have been tried.
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return images;
}

async function framePicture(file: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const source = { name: file, bytes: readPictureFile(file) };
  const { framed, blank } = centerDigit(await decodeImage(source, { signal }));
  if (blank) throw imageError(source, 'found no ink, expected a digit');
  return framed;
}

/** The most names that a warning lists. */
const mostNames = 5;

function describeOthers(others: readonly string[]): readonly string[] {
  if (others.length === 0) return [];
  const names = others.slice(0, mostNames).map(escapeText).join(', ');
  const rest = others.length - mostNames;
  return [
    `not pictures in folders 0 to 9, and left out: ${names}${rest > 0 ? `, and ${formatCount(rest)} more` : ''}`,
  ];
}

function describeSplit(folder: string, train: number, test: number): string {
  const counts = `${formatCount(test)} of ${formatCount(train + test)}`;
  return `${escapeText(folder)} has no folder test: every fifth picture of each class is a test image, ${counts}`;
}
