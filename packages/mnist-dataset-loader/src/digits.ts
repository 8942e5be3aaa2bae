import type { DatasetErrorDetails } from './errors.ts';
import { type IdxArray, parseIdx } from './idx.ts';
import { checkIdxSize, type IdxHeader, idxError, idxTypes, parseIdxHeader } from './idx-header.ts';
import { formatByte, formatCount } from './text.ts';

/**
 * Reads images of 28 x 28 unsigned bytes from a decompressed IDX file, as a view of `bytes`, [count, 28, 28].
 *
 * @throws DatasetError `E_IDX_FORMAT` with the file name and the problem.
 */
export function parseImages(bytes: Uint8Array, name: string): Uint8Array {
  const header = parseIdxHeader(bytes, name);
  checkDigitHeader(header, 'images', name);
  checkIdxSize(header, bytes.length, name);
  return new Uint8Array(
    bytes.buffer,
    bytes.byteOffset + header.headerBytes,
    bytes.length - header.headerBytes,
  );
}

/**
 * Reads labels 0 to 9 from a decompressed IDX file, [count]. Unsigned bytes are returned as a view of `bytes`; int32 labels,
 * of which QMNIST has eight columns, as a copy of the first column.
 *
 * @throws DatasetError `E_IDX_FORMAT` with the file name and the problem.
 */
export function parseLabels(bytes: Uint8Array, name: string): Uint8Array {
  const header = parseIdxHeader(bytes, name);
  checkDigitHeader(header, 'labels', name);
  const array = parseIdx(bytes, { name });
  const labels = firstColumn(array);
  const index = labels.findIndex((label) => label < 0 || label > 9);
  if (index >= 0) throw wrongLabel(labels, index, name);
  return labels instanceof Uint8Array ? labels : Uint8Array.from(labels);
}

/**
 * Compares type and dimensions with those of 28 x 28 digits or of their labels. Images may lie flat (count x 784) or have
 * an axis for their one channel; labels may be in one column, or as int32 in the first of QMNIST's eight.
 *
 * @throws DatasetError `E_IDX_FORMAT`.
 */
export function checkDigitHeader(header: IdxHeader, content: 'images' | 'labels', name: string): void {
  const { type, shape } = header;
  const types = content === 'images' ? ['uint8'] : ['uint8', 'int32'];
  if (!types.includes(type)) {
    const code = formatByte(idxTypes[type].code);
    const expected = content === 'images' ? '0x08 (uint8)' : '0x08 (uint8) or 0x0C (int32)';
    throw idxError(name, `type ${code} (${type}) is not supported, expected ${expected}`);
  }
  if (content === 'images' ? !isDigitShape(shape) : !isLabelShape(header))
    throw wrongShape(shape, content, name);
  if (shape.includes(0)) throw idxError(name, `it holds no ${content} (${shape.join(' x ')})`);
}

/** Whether this many numbers are 28 x 28 images, flat or not, with or without an axis for the channel. */
export function isDigitShape([, ...size]: readonly number[]): boolean {
  const sides = size.filter((side) => side !== 1).join(' x ');
  return sides === '28 x 28' || sides === '784';
}

/** What helps with digits in a frame of two pixels more on each side, as LeNet takes them. */
export const images32 = {
  hint: 'If these are digits padded to 32 x 32, a line of Python with NumPy crops two pixels from each side:',
  kind: 'images-32',
} as const;

/** What labels may be of which one is not a digit, as the details of an error. */
export function explainLabels(labels: ArrayLike<number>): Pick<DatasetErrorDetails, 'hint' | 'kind'> {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < labels.length; index++) {
    lowest = Math.min(lowest, labels[index] ?? 0);
    highest = Math.max(highest, labels[index] ?? 0);
  }
  const range = `The labels run from ${lowest} to ${highest}`;
  if (lowest === 1 && highest === 10) {
    const hint = `${range}. If they are digits counted from 1, a line of Python with NumPy subtracts 1 from each:`;
    return { hint, kind: 'labels-from-1' };
  }
  if (lowest < 0 || highest > 61) return {};
  return {
    hint: `${range}. If they are letters, as in parts of EMNIST: only the ten digits can be learned.`,
  };
}

function isLabelShape({ type, shape }: IdxHeader): boolean {
  const [, columns = 1, ...more] = shape;
  return more.length === 0 && (columns === 1 || (type === 'int32' && columns === 8));
}

function firstColumn({ shape, data }: IdxArray): IdxArray['data'] {
  const [count = 0, columns = 1] = shape;
  return columns === 1 ? data : Int32Array.from({ length: count }, (_, index) => data[index * columns] ?? 0);
}

function wrongLabel(labels: IdxArray['data'], index: number, name: string) {
  return idxError(name, `label ${labels[index]} at index ${formatCount(index)}, expected 0 to 9`, {
    expected: '0 to 9',
    actual: String(labels[index]),
    ...explainLabels(labels),
  });
}

function wrongShape(shape: readonly number[], content: 'images' | 'labels', name: string) {
  const rank = content === 'images' ? 3 : 1;
  if (content === 'labels' || shape.length !== rank)
    return idxError(name, describeRank(shape.length, content));
  if (shape.includes(0)) return idxError(name, `it holds no images (${shape.join(' x ')})`);
  const [, rows = 28, columns = 28] = shape;
  return idxError(name, `found images of ${rows} x ${columns}, expected 28 x 28`, {
    expected: '28 x 28',
    actual: `${rows} x ${columns}`,
    ...(rows === 32 && columns === 32 && images32),
  });
}

function describeRank(rank: number, content: 'images' | 'labels'): string {
  if (content === 'images' && rank === 1) return 'this is a label file (1 dimension), images have 3';
  if (content === 'labels' && rank === 3) return 'this is an image file (3 dimensions), labels have 1';
  return `it has ${rank} dimensions, ${content} have ${content === 'images' ? 3 : 1}`;
}
