import type { DatasetError } from './errors.ts';
import type { Split } from './sources.ts';
import { escapeText, formatCount } from './text.ts';
import { type ZipEntry, zipError } from './zip.ts';

/** Which of the four arrays is wanted. */
export interface WantedArray {
  readonly split: Split;
  readonly content: 'images' | 'labels';
}

/**
 * Finds an array by Keras' name, `x_train`, or by one that says the same: `X_train`, `train_images`, `trainX`.
 *
 * @throws DatasetError `E_NPZ_FORMAT` naming what is there instead, or two that say the same.
 */
export function findArray(entries: readonly ZipEntry[], wanted: WantedArray, archive: string): ZipEntry {
  const usual = `${usualName(wanted)}.npy`;
  const exact = entries.find(({ name }) => name === usual);
  if (exact !== undefined) return exact;
  const [found, second] = findAlike(entries, wanted);
  if (found === undefined) throw missing(entries, wanted, archive);
  if (second === undefined) return found;
  throw zipError(
    archive,
    `${escapeText(found.name)} and ${escapeText(second.name)} both seem to be ${usual}`,
  );
}

function findAlike(entries: readonly ZipEntry[], { split, content }: WantedArray): readonly ZipEntry[] {
  const names = new Set(
    splitWords[split].flatMap((first) =>
      contentWords[content].flatMap((word) => [first + word, word + first]),
    ),
  );
  return entries.filter(({ name }) =>
    names.has(
      name
        .replace(/\.npy$/, '')
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, ''),
    ),
  );
}

const splitWords: Readonly<Record<Split, readonly string[]>> = {
  train: ['train', 'training', 'tr'],
  test: ['test', 'testing', 'te', 't10k'],
};

const contentWords: Readonly<Record<WantedArray['content'], readonly string[]>> = {
  images: ['x', 'images', 'image', 'imgs', 'img', 'data', 'features', 'pixels', 'digits'],
  labels: ['y', 'labels', 'label', 'targets', 'target', 'classes'],
};

function usualName({ split, content }: WantedArray): string {
  return `${content === 'images' ? 'x' : 'y'}_${split}`;
}

function missing(entries: readonly ZipEntry[], wanted: WantedArray, archive: string): DatasetError {
  const problem = `it holds no ${usualName(wanted)}, only ${listNames(entries)}`;
  const has = (split: Split, content: WantedArray['content']) =>
    findAlike(entries, { split, content }).length > 0;
  if (wanted.split === 'test' && has('train', 'images') && has('train', 'labels')) {
    return zipError(archive, problem, {
      hint: 'There are no test examples. A line of Python with NumPy holds out every seventh training example:',
      kind: 'no-test',
    });
  }
  return zipError(archive, problem, {
    hint: 'The arrays must be named x_train, y_train, x_test and y_test. A line of Python with NumPy shows what they are:',
    kind: 'unnamed-arrays',
  });
}

/** The first five names, and how many more there are. */
function listNames(entries: readonly ZipEntry[]): string {
  const names = entries.slice(0, 5).map((each) => escapeText(each.name));
  const more = entries.length > 5 ? ` and ${formatCount(entries.length - 5)} more` : '';
  return names.length === 0 ? 'nothing' : `${names.join(', ')}${more}`;
}
