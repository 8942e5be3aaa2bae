import path from 'node:path';
import { createDataset, type Dataset, type DatasetPart, hashOf } from './dataset.ts';
import { images32, isDigitShape } from './digits.ts';
import { type NpyHeader, parseNpyHeader } from './npy.ts';
import { findArray } from './npz-names.ts';
import { type NpyArray, readDigits, readPixels } from './npz-values.ts';
import { maxImages } from './own-payload.ts';
import { withPath } from './payload.ts';
import { readRegularFile } from './read-file.ts';
import type { Split } from './sources.ts';
import { escapeText, formatCount } from './text.ts';
import { packedEntry, parseZipDirectory, startOfEntry, unpackEntry, zipError } from './zip.ts';

/** Bytes of the largest archive, and of the largest array in one. */
const maxBytes = maxImages * 800 * 2;

/**
 * Loads one split of an archive like Keras' `mnist.npz`: the arrays `x_train`, `y_train`, `x_test`, `y_test`, or others
 * whose names say the same (`train_images`). Images are [count, 28, 28], flat or with an axis for the channel, and hold
 * bytes or what stands exactly for bytes; labels are [count], [count, 1] or one-hot [count, 10] numbers of any type.
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
    const bytes = readRegularFile(file, maxBytes, 'E_NPZ_FORMAT');
    const read = (content: 'images' | 'labels'): DatasetPart => {
      const array = readArray(bytes, { split, content }, archive);
      const values = content === 'images' ? readPixels(array, archive) : readDigits(array, archive);
      return { name: `${array.name} of ${archive}`, values, sha256: hashOf(values, content) };
    };
    return createDataset(read('images'), read('labels'), zipError);
  });
}

function readArray(
  bytes: Uint8Array,
  wanted: { readonly split: Split; readonly content: 'images' | 'labels' },
  archive: string,
): NpyArray {
  const entry = findArray(parseZipDirectory(bytes, archive), wanted, archive);
  const name = escapeText(entry.name.replace(/\.npy$/, ''));
  const packed = packedEntry(bytes, entry, archive);
  const header = parseNpyHeader(startOfEntry(packed, entry, archive), archive, name);
  checkHeader(header, { name, content: wanted.content }, archive);
  if (header.sizeBytes !== entry.sizeBytes) {
    const sizes = `${formatCount(entry.sizeBytes)} of ${formatCount(header.sizeBytes)} bytes`;
    throw zipError(archive, `${name} has ${sizes}`);
  }
  const unpacked = unpackEntry(packed, entry, archive);
  return { name, header, data: unpacked.subarray(header.headerBytes) };
}

function checkHeader(
  { shape, sizeBytes }: NpyHeader,
  { name, content }: { readonly name: string; readonly content: 'images' | 'labels' },
  archive: string,
): void {
  const [count = 0, columns = 1, ...more] = shape;
  const found = shape.length === 0 ? 'a single number' : escapeText(shape.join(' x '));
  if (content === 'images' && !isDigitShape(shape)) {
    const isPadded = /^32 x 32( x 1)?$/.test(shape.slice(1).join(' x '));
    const details = isPadded ? images32 : {};
    throw zipError(archive, `${name} is ${found}, expected count x 28 x 28`, details);
  }
  if (content === 'labels' && (shape.length === 0 || more.length > 0 || ![1, 10].includes(columns))) {
    throw zipError(archive, `${name} is ${found}, expected count, count x 1 or one-hot count x 10`);
  }
  if (count === 0) throw zipError(archive, `${name} is empty`);
  if (count > maxImages) {
    const most = `at most ${formatCount(maxImages)} are read`;
    throw zipError(archive, `${name} declares ${formatCount(count)} examples, ${most}`);
  }
  if (sizeBytes > maxBytes) {
    throw zipError(
      archive,
      `${name} takes ${formatCount(sizeBytes)} bytes, at most ${formatCount(maxBytes)} are read`,
    );
  }
}
