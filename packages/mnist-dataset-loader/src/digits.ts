import { checkIdxSize, type IdxHeader, idxError, idxTypes, parseIdxHeader } from './idx-header.ts';
import { formatByte, formatCount } from './text.ts';

/**
 * Reads images of 28 x 28 unsigned bytes from an unpacked IDX file, as a view of `bytes`.
 *
 * @throws DatasetError `E_IDX_FORMAT`, naming the file and what is wrong.
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
 * Reads labels 0 to 9 from an unpacked IDX file, as a view of `bytes`.
 *
 * @throws DatasetError `E_IDX_FORMAT`, naming the file and what is wrong.
 */
export function parseLabels(bytes: Uint8Array, name: string): Uint8Array {
  const header = parseIdxHeader(bytes, name);
  checkDigitHeader(header, 'labels', name);
  checkIdxSize(header, bytes.length, name);
  const labels = new Uint8Array(bytes.buffer, bytes.byteOffset + 8, bytes.length - 8);
  checkLabels(labels, name);
  return labels;
}

/**
 * Compares type and dimensions with those of 28 x 28 digits or of their labels.
 *
 * @throws DatasetError `E_IDX_FORMAT`.
 */
export function checkDigitHeader(header: IdxHeader, content: 'images' | 'labels', name: string): void {
  const { type, shape } = header;
  if (type !== 'uint8') {
    const code = formatByte(idxTypes[type].code);
    throw idxError(name, `type ${code} (${type}) is not supported, expected 0x08 (uint8)`);
  }
  const rank = content === 'images' ? 3 : 1;
  if (shape.length !== rank) throw idxError(name, describeRank(shape.length, content));
  if (shape.includes(0)) throw idxError(name, `it holds no ${content} (${shape.join(' x ')})`);
  const [, rows = 28, columns = 28] = shape;
  if (rows !== 28 || columns !== 28) {
    throw idxError(name, `found images of ${rows} x ${columns}, expected 28 x 28`, {
      expected: '28 x 28',
      actual: `${rows} x ${columns}`,
    });
  }
}

/** Throws `E_IDX_FORMAT` at the first label above 9. */
export function checkLabels(labels: Uint8Array, name: string): void {
  const index = labels.findIndex((label) => label > 9);
  if (index >= 0) {
    throw idxError(name, `label ${labels[index]} at index ${formatCount(index)}, expected 0 to 9`, {
      expected: '0 to 9',
      actual: String(labels[index]),
    });
  }
}

function describeRank(rank: number, content: 'images' | 'labels'): string {
  if (content === 'images' && rank === 1) return 'this is a label file (1 dimension), images have 3';
  if (content === 'labels' && rank === 3) return 'this is an image file (3 dimensions), labels have 1';
  return `it has ${rank} dimensions, ${content} have ${content === 'images' ? 3 : 1}`;
}
