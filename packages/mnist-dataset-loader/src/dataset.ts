import { parseImages, parseLabels } from './digits.ts';
import { idxError } from './idx-header.ts';
import { findFiles, loadPinned, missingError, type Payload } from './payload.ts';
import { mnistFiles, type SourceFile, type Split } from './sources.ts';
import { formatCount } from './text.ts';

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
  const [images, labels] = await Promise.all(
    [pinned(split, 'images'), pinned(split, 'labels')].map((source) => loadFromFolder(dataDir, source)),
  );
  if (images === undefined || labels === undefined) throw new Error('two files were asked for');
  return createDataset(images, labels);
}

/**
 * Loads the first good file of a known data set that a folder holds under its name.
 *
 * @throws DatasetError of the first bad one, or `E_NO_INPUT` where there is none.
 */
export async function loadFromFolder(folder: string, source: SourceFile): Promise<Payload> {
  let firstError: unknown;
  for (const file of findFiles(folder, source.name)) {
    try {
      return await loadPinned(file, source);
    } catch (error) {
      firstError ??= error;
    }
  }
  throw firstError ?? missingError(folder, source.name);
}

/** Joins the payloads of an image and a label file into a data set. @throws DatasetError `E_IDX_FORMAT`. */
export function createDataset(images: Payload, labels: Payload): Dataset {
  const pixels = parseImages(images.bytes, baseName(images.file));
  const digits = parseLabels(labels.bytes, baseName(labels.file));
  const count = pixels.length / 784;
  if (count !== digits.length) {
    const problem = `it holds ${formatCount(count)} images, ${baseName(labels.file)} holds ${formatCount(digits.length)} labels`;
    throw idxError(baseName(images.file), problem, {
      expected: String(digits.length),
      actual: String(count),
    });
  }
  return {
    images: pixels,
    labels: digits,
    count,
    rows: 28,
    columns: 28,
    sha256: { images: images.sha256, labels: labels.sha256 },
    warnings: describeMissingClasses(digits),
  };
}

function pinned(split: Split, content: 'images' | 'labels'): SourceFile {
  const source = mnistFiles.find((file) => file.split === split && file.content === content);
  if (source === undefined) throw new Error(`no ${split} ${content} in the table of files`);
  return source;
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

function describeMissingClasses(labels: Uint8Array): readonly string[] {
  const present = new Set(labels);
  const missing = Array.from({ length: 10 }, (_, digit) => digit).filter((digit) => !present.has(digit));
  if (missing.length === 0) return [];
  return [`no example of the digits ${missing.join(', ')} is in ${formatCount(labels.length)} labels`];
}
