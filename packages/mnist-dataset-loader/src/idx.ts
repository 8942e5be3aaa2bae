import { checkIdxSize, type IdxType, idxTypes, parseIdxHeader } from './idx-header.ts';

interface IdxData {
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

/** An array read from an IDX file: its elements in row-major order, distinguished by `type`. */
export type IdxArray = {
  readonly [Type in IdxType]: {
    readonly type: Type;
    readonly shape: readonly number[];
    readonly data: IdxData[Type];
  };
}[IdxType];

/**
 * Reads an unpacked IDX file of any shape and element type. The header is checked before anything is allocated;
 * unsigned and signed bytes are views of `bytes`, other types are turned from big-endian into new arrays.
 *
 * @throws DatasetError `E_IDX_FORMAT`, which names the file as `name` and what is wrong with it.
 */
export function parseIdx(
  bytes: Uint8Array,
  { name = 'the IDX data' }: { readonly name?: string } = {},
): IdxArray {
  const header = parseIdxHeader(bytes, name);
  checkIdxSize(header, bytes.length, name);
  const { type, shape, headerBytes } = header;
  const count = (header.sizeBytes - headerBytes) / idxTypes[type].sizeBytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + headerBytes, header.sizeBytes - headerBytes);
  switch (type) {
    case 'uint8':
      return { type, shape, data: new Uint8Array(view.buffer, view.byteOffset, count) };
    case 'int8':
      return { type, shape, data: new Int8Array(view.buffer, view.byteOffset, count) };
    case 'int16':
      return { type, shape, data: Int16Array.from({ length: count }, (_, at) => view.getInt16(2 * at)) };
    case 'int32':
      return { type, shape, data: Int32Array.from({ length: count }, (_, at) => view.getInt32(4 * at)) };
    case 'float32':
      return { type, shape, data: Float32Array.from({ length: count }, (_, at) => view.getFloat32(4 * at)) };
    default:
      return { type, shape, data: Float64Array.from({ length: count }, (_, at) => view.getFloat64(8 * at)) };
  }
}

/** The header of an IDX file of unsigned bytes in this shape. */
export function formatIdxHeader(shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length);
  bytes[2] = idxTypes.uint8.code;
  bytes[3] = shape.length;
  const view = new DataView(bytes.buffer);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  return bytes;
}
