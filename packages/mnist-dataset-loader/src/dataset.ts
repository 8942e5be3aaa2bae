import path from 'node:path';
import { parseImages, parseLabels } from './digits.ts';
import { DatasetError } from './errors.ts';
import { type FoundSet, findFiles, findInSet, findSet, missingError } from './find-files.ts';
import { formatIdxHeader } from './idx.ts';
import { idxError } from './idx-header.ts';
import { kindError, kindOfFolder } from './kind.ts';
import { loadOwn } from './own-payload.ts';
import { hash, loadPinned, type Payload, withPath } from './payload.ts';
import { mnistFiles, type SourceFile, type Split } from './sources.ts';
import { escapeText, formatCount } from './text.ts';

/** Images of handwritten digits with their labels. */
export interface Dataset {
  /** [count, 28, 28], row-major, 0 is paper and 255 is ink. */
  readonly images: Uint8Array;
  /** [count], 0 to 9. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly rows: 28;
  readonly columns: 28;
  /** SHA-256, in hex, of the unpacked IDX files that hold these images and labels. */
  readonly sha256: { readonly images: string; readonly labels: string };
  /** What is odd but no error, in sentences: classes without an example, a broken file next to a good one. */
  readonly warnings: readonly string[];
  /** The files are named as EMNIST's, whose images are transposed. */
  readonly isNamedEmnist?: true;
}

/**
 * Loads one split of the original MNIST database from a folder that holds its files, packed or plain. Every byte is
 * checked against the published content.
 *
 * @throws DatasetError `E_NO_INPUT`, `E_GZIP`, `E_IDX_FORMAT` or `E_CHECKSUM`.
 */
export async function loadMnist({
  dataDir,
  split,
}: {
  readonly dataDir: string;
  readonly split: Split;
}): Promise<Dataset> {
  return loadBoth((content) => loadFromFolder(dataDir, pinned(split, content)));
}

/**
 * Loads one split from any folder of four IDX files that are named as MNIST's, EMNIST's or QMNIST's: Fashion-MNIST, or
 * one's own. They may lie in `raw/`, in `MNIST/raw/`, or each in a folder of its own name.
 *
 * @throws DatasetError `E_NO_INPUT`, `E_GZIP` or `E_IDX_FORMAT`; `E_DATA_KIND` where it holds data of another kind.
 */
export async function loadIdxFolder({
  folder,
  split,
}: {
  readonly folder: string;
  readonly split: Split;
}): Promise<Dataset> {
  const set = findSet(folder);
  if (set === undefined) throw explainMissing(folder, split);
  const images = loadFirstGood(set, pinned(split, 'images').name, 'images');
  const labels = loadFirstGood(set, pinned(split, 'labels').name, 'labels');
  const dataset = withPath(images.file, () => createDataset(images.part, labels.part));
  const warnings = [...images.warnings, ...labels.warnings, ...dataset.warnings];
  return { ...dataset, warnings, ...(set.naming.startsWith('emnist') && { isNamedEmnist: true }) };
}

/**
 * Loads the first good file of a known data set that a folder holds under its name.
 *
 * @throws DatasetError of the first bad one, or `E_NO_INPUT` where there is none.
 */
export function loadFromFolder(folder: string, source: SourceFile): Payload {
  let firstError: unknown;
  for (const file of findFiles(folder, source.name)) {
    try {
      return loadPinned(file, source);
    } catch (error) {
      firstError ??= error;
    }
  }
  throw firstError ?? missingError(folder, source.name);
}

/** Images or labels, with the name that messages give them. */
export interface DatasetPart {
  readonly name: string;
  readonly values: Uint8Array;
  readonly sha256: string;
}

/** Joins images and labels into a data set; `fail` makes the error where their counts differ. */
export function createDataset(
  images: DatasetPart,
  labels: DatasetPart,
  fail: (name: string, problem: string) => DatasetError = idxError,
): Dataset {
  const count = images.values.length / 784;
  if (count !== labels.values.length) {
    const counts = `it holds ${formatCount(count)} images, but ${labels.name} ${formatCount(labels.values.length)} labels`;
    throw fail(images.name, counts);
  }
  return {
    images: images.values,
    labels: labels.values,
    count,
    rows: 28,
    columns: 28,
    sha256: { images: images.sha256, labels: labels.sha256 },
    warnings: describeMissingClasses(labels.values),
  };
}

/**
 * Makes a data set of images, [count, 28, 28], and labels, [count], that were read in another way, with the hashes that
 * IDX files of them would have.
 *
 * @throws DatasetError `E_IDX_FORMAT` where their counts differ.
 */
export function createOwnDataset({
  images,
  labels,
}: {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}): Dataset {
  return createDataset(
    { name: 'the images', values: images, sha256: hashOf(images, 'images') },
    { name: 'the labels', values: labels, sha256: hashOf(labels, 'labels') },
  );
}

function loadBoth(load: (content: 'images' | 'labels') => Payload): Dataset {
  const images = load('images');
  const labels = load('labels');
  const parts = [toPart(images, 'images'), toPart(labels, 'labels')] as const;
  return withPath(images.file, () => createDataset(...parts));
}

/** The first file that can be read: a broken one does not hide a good one next to it, and is reported. */
function loadFirstGood(set: FoundSet, name: string, content: 'images' | 'labels') {
  const errors: DatasetError[] = [];
  for (const file of findInSet(set, name)) {
    try {
      const part = toPart(loadOwn(file, content), content);
      const readInstead = `${escapeText(path.basename(file))} next to it is read instead`;
      const broken = errors.filter(({ code }) => code !== 'E_NO_INPUT');
      return { file, part, warnings: broken.map(({ message }) => `${message}; ${readInstead}`) };
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      errors.push(error);
    }
  }
  throw errors[0] ?? explainMissingFile(set, name);
}

/** Half a data set: without its test examples, some of the training examples can stand in for them. */
function explainMissingFile(set: FoundSet, name: string): DatasetError {
  const error = missingError(set.place, name, set.naming);
  const lacksTest = mnistFiles.every(
    (file) => findInSet(set, file.name).length > 0 === (file.split === 'train'),
  );
  if (!lacksTest) return error;
  return new DatasetError('E_NO_INPUT', error.message, {
    ...(error.path !== undefined && { path: error.path }),
    hint: 'There are no test examples. A line of Python with NumPy makes an archive that holds out every seventh training example:',
    kind: 'no-test',
  });
}

function explainMissing(folder: string, split: Split): DatasetError {
  const found = kindOfFolder(folder);
  return found === undefined ? missingError(folder, pinned(split, 'images').name) : kindError(folder, found);
}

function toPart(payload: Payload, content: 'images' | 'labels'): DatasetPart {
  const { bytes, file } = payload;
  const name = escapeText(path.basename(file));
  const values = withPath(file, () => (content === 'images' ? parseImages : parseLabels)(bytes, name));
  const headerBytes = content === 'images' ? 16 : 8;
  const isUsual = bytes[2] === 8 && bytes.length - values.length === headerBytes;
  return { name, values, sha256: isUsual ? payload.sha256 : hashOf(values, content) };
}

/** The hash that the same data has in the usual IDX file, so that data is known again whatever it came in. */
export function hashOf(values: Uint8Array, content: 'images' | 'labels'): string {
  const shape = content === 'images' ? [values.length / 784, 28, 28] : [values.length];
  return hash(formatIdxHeader(shape), values);
}

function pinned(split: Split, content: 'images' | 'labels'): SourceFile {
  const source = mnistFiles.find((file) => file.split === split && file.content === content);
  if (source === undefined) throw new Error(`no ${split} ${content} in the table of files`);
  return source;
}

function describeMissingClasses(labels: Uint8Array): readonly string[] {
  const present = new Set(labels);
  const missing = Array.from({ length: 10 }, (_, digit) => digit).filter((digit) => !present.has(digit));
  if (missing.length === 0) return [];
  const digits = missing.length === 1 ? 'digit' : 'digits';
  return [
    `there is no example of the ${digits} ${missing.join(', ')} among ${formatCount(labels.length)} labels`,
  ];
}
