import { type ElementType, findElementType } from './npy-types.ts';
import { escapeText } from './text.ts';
import { zipError } from './zip.ts';

/** What a NumPy array file says of itself before its data. */
export interface NpyHeader {
  /** NumPy's type string: `|u1` are unsigned bytes. */
  readonly type: string;
  readonly element: ElementType;
  readonly shape: readonly number[];
  readonly headerBytes: number;
  /** Bytes of header and data together. */
  readonly sizeBytes: number;
}

/**
 * Reads the header of a NumPy array file (numpy.lib.format, versions 1 to 3) from its first bytes.
 *
 * @throws DatasetError `E_NPZ_FORMAT`, naming the archive and the array.
 */
export function parseNpyHeader(bytes: Uint8Array, archive: string, array: string): NpyHeader {
  const fail = (problem: string) => zipError(archive, `${array} ${problem}`);
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== '\x93NUMPY' || bytes.length < 12) throw fail('is not a NumPy array');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint8(6);
  const textStart = version === 1 ? 10 : 12;
  const headerBytes = textStart + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (version < 1 || version > 3) throw fail(`has format version ${version}, expected 1 to 3`);
  if (headerBytes > bytes.length) throw fail('has a header longer than its bytes');
  const text = new TextDecoder('latin1').decode(bytes.subarray(textStart, headerBytes));
  const type = /'descr': *'([^']*)'/.exec(text)?.[1] ?? '';
  const shape = parseShape(/'shape': *\(([^)]*)\)/.exec(text)?.[1]);
  if (shape === undefined) throw fail(`has a header that cannot be read: ${escapeText(text.trim())}`);
  const element = findElementType(type);
  if (element === undefined) throw fail(`has the type ${escapeText(type)}, expected numbers such as |u1`);
  if (/'fortran_order': *True/.test(text) && shape.length > 1) throw fail('is in column-major order');
  const sizeBytes = headerBytes + shape.reduce((total, size) => total * size, element.sizeBytes);
  if (!Number.isSafeInteger(sizeBytes))
    throw fail(`has impossible dimensions: ${escapeText(shape.join(' x '))}`);
  return { type, element, shape, headerBytes, sizeBytes };
}

function parseShape(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const sizes = text.split(',').map((size) => size.trim());
  // One dimension is written "(10,)".
  if (sizes.at(-1) === '') sizes.pop();
  return sizes.every((size) => /^\d{1,15}$/.test(size)) ? sizes.map(Number) : undefined;
}
