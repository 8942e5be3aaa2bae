import path from 'node:path';
import { parseImages, parseLabels } from './digits.ts';
import type { DatasetError } from './errors.ts';
import { idxError } from './idx-header.ts';
import { loadOwn } from './own-payload.ts';
import { findFiles, loadPinned, missingError, type Payload, withPath } from './payload.ts';
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
  /** What is odd but no error, in sentences: classes without an example. */
  readonly warnings: readonly string[];
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
 * Loads one split from any folder of four IDX files that are named as MNIST's: Fashion-MNIST, or one's own.
 *
 * @throws DatasetError `E_NO_INPUT`, `E_GZIP` or `E_IDX_FORMAT`.
 */
export async function loadIdxFolder({
  folder,
  split,
}: {
  readonly folder: string;
  readonly split: Split;
}): Promise<Dataset> {
  return loadBoth((content) => {
    const { name } = pinned(split, content);
    const [file] = findFiles(folder, name);
    if (file === undefined) throw missingError(folder, name);
    return loadOwn(file, content);
  });
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

function loadBoth(load: (content: 'images' | 'labels') => Payload): Dataset {
  const images = load('images');
  const labels = load('labels');
  const parts = [toPart(images, parseImages), toPart(labels, parseLabels)] as const;
  return withPath(images.file, () => createDataset(...parts));
}

function toPart(payload: Payload, parse: (bytes: Uint8Array, name: string) => Uint8Array): DatasetPart {
  const name = escapeText(path.basename(payload.file));
  const values = withPath(payload.file, () => parse(payload.bytes, name));
  return { name, values, sha256: payload.sha256 };
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
  return [`no example of the digits ${missing.join(', ')} is in ${formatCount(labels.length)} labels`];
}
