import { explainLabels } from './digits.ts';
import type { NpyHeader } from './npy.ts';
import { escapeText, formatCount } from './text.ts';
import { zipError } from './zip.ts';

/** An array of an archive, its header checked. */
export interface NpyArray {
  readonly name: string;
  readonly header: NpyHeader;
  /** The elements' bytes. */
  readonly data: Uint8Array;
}

/**
 * The pixels of an array of images as bytes: as they lie there, whole numbers from 0 to 255, or floats from 0 to 1 that
 * are all multiples of 1/255 or 1/256. Nothing is rounded that was something else before.
 *
 * @throws DatasetError `E_NPZ_FORMAT` with the numbers found.
 */
export function readPixels(array: NpyArray, archive: string): Uint8Array {
  const { header, data, name } = array;
  if (header.type === '|u1') return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const { lowest, highest, isWhole } = findRange(array);
  // 0 and 1 as floats are black and white.
  const isUnit = header.element.isFloat && lowest >= 0 && highest <= 1;
  const levels = isUnit ? [255, 256] : isWhole ? [1] : [];
  for (const level of levels) {
    const pixels = scalePixels(array, level);
    if (pixels !== undefined) return pixels;
  }
  const found = `${formatNumber(lowest)} to ${formatNumber(highest)}`;
  const problem = `${name} holds numbers from ${found} (${escapeText(header.type)})`;
  throw zipError(archive, `${problem}, expected bytes, or floats that are multiples of 1/255`, {
    expected: '0 to 255, or multiples of 1/255',
    actual: found,
    hint: 'A line of Python with NumPy scales them to 0 to 255 and rounds them:',
    kind: 'inexact-floats',
  });
}

/**
 * Labels 0 to 9 from whole numbers of any type, in one column, or one-hot in ten.
 *
 * @throws DatasetError `E_NPZ_FORMAT` at the first that is none.
 */
export function readDigits(array: NpyArray, archive: string): Uint8Array {
  const { header, name } = array;
  const values = readValues(array);
  const [count = 0, columns = 1] = header.shape;
  const labels = columns === 10 ? readOneHot(values, name, archive) : values;
  const index = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label <= 9));
  if (index < 0) return Uint8Array.from({ length: count }, (_, at) => labels[at] ?? 0);
  const problem = `label ${labels[index]} at index ${formatCount(index)} of ${name}, expected 0 to 9`;
  throw zipError(archive, problem, explainLabels(labels));
}

function readOneHot(values: Float64Array, name: string, archive: string): Float64Array {
  return Float64Array.from({ length: values.length / 10 }, (_, index) => {
    const row = values.subarray(index * 10, index * 10 + 10);
    const isOneHot =
      row.every((value) => value === 0 || value === 1) && row.indexOf(1) === row.lastIndexOf(1);
    if (isOneHot && row.includes(1)) return row.indexOf(1);
    throw zipError(archive, `row ${formatCount(index)} of ${name} is not one-hot: ${row.join(' ')}`);
  });
}

/** Each number times `levels`, where all of these are bytes; what a float32 loses is far less than a level. */
function scalePixels({ header, data }: NpyArray, levels: number): Uint8Array | undefined {
  const { sizeBytes, read } = header.element;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const pixels = new Uint8Array(data.length / sizeBytes);
  for (let index = 0; index < pixels.length; index++) {
    const level = read(view, index * sizeBytes) * levels;
    const pixel = Math.round(level);
    if (!(pixel >= 0 && pixel <= 255 && Math.abs(level - pixel) < 1e-3)) return undefined;
    pixels[index] = pixel;
  }
  return pixels;
}

function findRange({ header, data }: NpyArray) {
  const { sizeBytes, read } = header.element;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let [lowest, highest, isWhole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (let at = 0; at < data.length; at += sizeBytes) {
    const value = read(view, at);
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
    isWhole &&= Number.isInteger(value);
  }
  return { lowest, highest, isWhole };
}

function readValues({ header, data }: NpyArray): Float64Array {
  const { sizeBytes, read } = header.element;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Float64Array.from({ length: data.length / sizeBytes }, (_, index) => read(view, index * sizeBytes));
}

function formatNumber(value: number): string {
  return String(Math.round(value * 1e4) / 1e4);
}
