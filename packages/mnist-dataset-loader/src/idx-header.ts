import { describeContent } from './content.ts';
import { DatasetError, type DatasetErrorDetails } from './errors.ts';
import { escapeText, formatByte, formatCount } from './text.ts';

export type IdxType = 'uint8' | 'int8' | 'int16' | 'int32' | 'float32' | 'float64';

/** The element types of the IDX format: their type byte, and the bytes of one element. */
export const idxTypes: Readonly<Record<IdxType, { readonly code: number; readonly sizeBytes: number }>> = {
  uint8: { code: 0x08, sizeBytes: 1 },
  int8: { code: 0x09, sizeBytes: 1 },
  int16: { code: 0x0b, sizeBytes: 2 },
  int32: { code: 0x0c, sizeBytes: 4 },
  float32: { code: 0x0d, sizeBytes: 4 },
  float64: { code: 0x0e, sizeBytes: 8 },
};

const typesByCode: ReadonlyMap<number, IdxType> = new Map([
  [0x08, 'uint8'],
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
]);

/** What an IDX file says of itself before its data. */
export interface IdxHeader {
  readonly type: IdxType;
  readonly shape: readonly number[];
  readonly headerBytes: number;
  /** Bytes of header and data together, as the header declares them. */
  readonly sizeBytes: number;
}

/**
 * Reads the header of an IDX file (two zero bytes, type, number of dimensions, then each dimension as a big-endian
 * 32-bit number; Y. LeCun's MNIST page describes it). `bytes` may be just the start of the file.
 *
 * @throws DatasetError `E_IDX_FORMAT` where it is no IDX header, is incomplete, or declares impossible dimensions.
 */
export function parseIdxHeader(bytes: Uint8Array, name: string): IdxHeader {
  if (bytes.length === 0) throw idxError(name, 'it is empty (0 bytes)');
  const [first, second, code, rank] = bytes;
  if (first !== 0 || (bytes.length > 1 && second !== 0)) throw notIdx(bytes, name);
  if (code === undefined || rank === undefined) throw incomplete(bytes.length, 'at least 8', name);
  const type = typesByCode.get(code);
  if (type === undefined)
    throw idxError(name, `its type byte ${formatByte(code)} is not one of the format's`);
  if (rank === 0) throw idxError(name, 'it declares no dimensions');
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) throw incomplete(bytes.length, formatCount(headerBytes), name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const sizeBytes = headerBytes + idxTypes[type].sizeBytes * product(shape);
  if (!Number.isSafeInteger(sizeBytes)) {
    const isSwapped = Number.isSafeInteger(product(swapBytes(shape)));
    const cause = isSwapped ? ', their byte order looks swapped (IDX is big-endian)' : '';
    throw idxError(name, `its dimensions ${escapeText(shape.join(' x '))} are impossible${cause}`);
  }
  return { type, shape, headerBytes, sizeBytes };
}

/**
 * Compares the bytes there are with those that the header declares.
 *
 * @throws DatasetError `E_IDX_FORMAT` where bytes are missing or left over.
 */
export function checkIdxSize(header: IdxHeader, actualBytes: number, name: string): void {
  if (actualBytes === header.sizeBytes) return;
  const details = { expected: String(header.sizeBytes), actual: String(actualBytes) };
  if (looksSwapped(header, actualBytes)) {
    throw idxError(name, 'the byte order of its dimensions looks swapped (IDX is big-endian)', details);
  }
  const expected = formatCount(header.sizeBytes);
  if (actualBytes < header.sizeBytes) {
    throw idxError(name, `${formatCount(actualBytes)} of ${expected} bytes are there`, {
      ...details,
      hint: 'It was probably cut off.',
    });
  }
  const extra = actualBytes - header.sizeBytes;
  throw idxError(
    name,
    `it has ${formatCount(extra)} extra ${extra === 1 ? 'byte' : 'bytes'} after the ${expected} declared`,
    details,
  );
}

/** An `E_IDX_FORMAT` error whose first line starts with the file's name. */
export function idxError(name: string, problem: string, details: DatasetErrorDetails = {}): DatasetError {
  return new DatasetError('E_IDX_FORMAT', `cannot read ${name}: ${problem}`, details);
}

function notIdx(bytes: Uint8Array, name: string): DatasetError {
  if (bytes.length >= 4 && bytes[1] !== undefined && bytes[2] === 0 && bytes[3] === 0) {
    return idxError(name, 'the byte order of its header looks swapped (IDX is big-endian)');
  }
  const looks = describeContent(bytes);
  const problem = 'it is not an IDX file (its first two bytes are not 0)';
  return idxError(name, looks === undefined ? problem : `${problem}, it looks like ${looks}`);
}

function incomplete(actualBytes: number, expectedBytes: string, name: string): DatasetError {
  const unit = actualBytes === 1 ? 'byte' : 'bytes';
  return idxError(name, `its header is incomplete: ${actualBytes} ${unit}, expected ${expectedBytes}`, {
    expected: expectedBytes,
    actual: String(actualBytes),
    hint: 'It was probably cut off.',
  });
}

function looksSwapped(header: IdxHeader, actualBytes: number): boolean {
  const dataBytes = idxTypes[header.type].sizeBytes * product(swapBytes(header.shape));
  return header.headerBytes + dataBytes === actualBytes;
}

function swapBytes(shape: readonly number[]): readonly number[] {
  const view = new DataView(new ArrayBuffer(4));
  return shape.map((size) => {
    view.setUint32(0, size);
    return view.getUint32(0, true);
  });
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
