import path from 'node:path';
import { createDataset, type Dataset } from './dataset.ts';
import { formatIdxHeader } from './idx.ts';
import { integerTypes, type NpyHeader, parseNpyHeader } from './npy.ts';
import { maxImages } from './own-payload.ts';
import { hash, withPath } from './payload.ts';
import { readRegularFile } from './read-file.ts';
import type { Split } from './sources.ts';
import { escapeText, formatCount } from './text.ts';
import { packedEntry, parseZipDirectory, startOfEntry, unpackEntry, type ZipEntry, zipError } from './zip.ts';

/**
 * Loads one split of an archive like Keras' `mnist.npz`: the arrays `x_train`, `y_train`, `x_test`, `y_test`, images
 * [count, 28, 28] of unsigned bytes and labels [count] of whole numbers.
 *
 * @throws DatasetError `E_NO_INPUT` or `E_NPZ_FORMAT`.
 */
export async function loadNpz({
  file,
  split,
}: {
  readonly file: string;
  readonly split: Split;
}): Promise<Dataset> {
  return withPath(file, () => {
    const archive = escapeText(path.basename(file));
    const bytes = readRegularFile(file, maxImages * 800 * 2, 'E_NPZ_FORMAT');
    const images = readArray(bytes, `x_${split}`, archive);
    const labels = readArray(bytes, `y_${split}`, archive);
    const digits = readDigits(labels, archive);
    return createDataset(
      {
        name: `${images.name} of ${archive}`,
        values: images.data,
        sha256: hashAsIdx(images.data, images.header),
      },
      { name: `${labels.name} of ${archive}`, values: digits, sha256: hashAsIdx(digits, labels.header) },
      zipError,
    );
  });
}

/** The first five names, and how many more there are. */
function listNames(entries: readonly ZipEntry[]): string {
  const names = entries.slice(0, 5).map((each) => escapeText(each.name));
  const more = entries.length > 5 ? ` and ${formatCount(entries.length - 5)} more` : '';
  return names.length === 0 ? 'nothing' : `${names.join(', ')}${more}`;
}

interface NpyArray {
  readonly name: string;
  readonly header: NpyHeader;
  /** The elements' bytes. */
  readonly data: Uint8Array;
}

function readArray(bytes: Uint8Array, name: string, archive: string): NpyArray {
  const entries = parseZipDirectory(bytes, archive);
  const entry = entries.find((each) => each.name === `${name}.npy`);
  if (entry === undefined) {
    throw zipError(archive, `it holds no ${name}, only ${listNames(entries)}`);
  }
  const packed = packedEntry(bytes, entry, archive);
  const header = parseNpyHeader(startOfEntry(packed, entry, archive), archive, name);
  checkHeader(header, name, archive);
  if (header.sizeBytes !== entry.sizeBytes) {
    const sizes = `${formatCount(entry.sizeBytes)} of ${formatCount(header.sizeBytes)} bytes`;
    throw zipError(archive, `${name} has ${sizes}`);
  }
  const unpacked = unpackEntry(packed, entry, archive);
  return { name, header, data: unpacked.subarray(header.headerBytes) };
}

function checkHeader({ shape, type }: NpyHeader, name: string, archive: string): void {
  const [count = 0, ...size] = shape;
  const isImages = name.startsWith('x_');
  const found = shape.length === 0 ? 'a single number' : escapeText(shape.join(' x '));
  if (isImages && size.join(' x ') !== '28 x 28') {
    throw zipError(archive, `${name} is ${found}, expected count x 28 x 28`);
  }
  if (isImages && type !== '|u1') throw zipError(archive, `${name} has the type ${type}, expected |u1`);
  if (!isImages && shape.length !== 1) throw zipError(archive, `${name} is ${found}, expected one dimension`);
  if (count === 0) throw zipError(archive, `${name} is empty`);
  if (count > maxImages) {
    throw zipError(
      archive,
      `${name} declares ${formatCount(count)} examples, at most ${formatCount(maxImages)} are read`,
    );
  }
}

function readDigits({ header, data, name }: NpyArray, archive: string): Uint8Array {
  const element = integerTypes.get(header.type);
  const [count = 0] = header.shape;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Uint8Array.from({ length: count }, (_, index) => {
    const digit = element?.read(view, index * element.sizeBytes) ?? Number.NaN;
    if (digit >= 0 && digit <= 9) return digit;
    throw zipError(archive, `label ${digit} at index ${formatCount(index)} of ${name}, expected 0 to 9`);
  });
}

/** The hash that the same data has as an IDX file, so that data is known again whatever it came in. */
function hashAsIdx(data: Uint8Array, { shape }: NpyHeader): string {
  return hash(formatIdxHeader(shape), data);
}
