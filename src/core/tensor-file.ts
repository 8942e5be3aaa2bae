import { createHash } from 'node:crypto';
import path from 'node:path';
import { escapeText, TrainerError } from './errors.ts';
import { newerFormat } from './format-version.ts';

/** An array of float32 with a name and a shape, outside of any library. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a tensor file holds: a plain JSON object and arrays. */
export interface TensorFile {
  readonly header: Readonly<Record<string, unknown>>;
  readonly arrays: readonly NamedArray[];
}

/** The version this tool writes; it reads this one and all before it. */
const tensorFileVersion = 1;

const magic = Buffer.from('MNISTCNN');
const hashStart = 16;
const headerStart = 48;
const maxHeaderBytes = 8 * 1024 * 1024;

/**
 * Puts a header and arrays into one buffer, all numbers little-endian:
 *
 * | bytes | what |
 * | --- | --- |
 * | 0-7 | `MNISTCNN` |
 * | 8-11 | format version |
 * | 12-15 | header size |
 * | 16-47 | SHA-256 of all other bytes of the file |
 * | 48- | JSON header with the table of arrays, padded by spaces to a multiple of 8 |
 * | then | the arrays, float32, one after the other in the table's order |
 */
export function encodeTensorFile(file: TensorFile): Buffer {
  const table = file.arrays.map(({ name, shape, values }) => ({ name, shape, sizeBytes: values.byteLength }));
  const json = Buffer.from(JSON.stringify({ ...file.header, arrays: table }));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bodyBytes = table.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const bytes = Buffer.alloc(headerStart + headerBytes + bodyBytes, 0x20);
  magic.copy(bytes);
  bytes.writeUInt32LE(tensorFileVersion, 8);
  bytes.writeUInt32LE(headerBytes, 12);
  json.copy(bytes, headerStart);
  let offset = headerStart + headerBytes;
  for (const { values } of file.arrays) {
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(bytes, offset);
    offset += values.byteLength;
  }
  hashOf(bytes).copy(bytes, hashStart);
  return bytes;
}

/**
 * Reads a tensor file. Nothing in it is used before its size fields, its hash and its table have been checked.
 *
 * @throws TrainerError `E_MODEL_FORMAT` for damage of any kind, `E_MODEL_VERSION` for a newer format.
 */
export function decodeTensorFile(bytes: Uint8Array, file: string): TensorFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = escapeText(path.basename(file));
  const fail = (what: string) =>
    new TrainerError('E_MODEL_FORMAT', `cannot read ${name}: ${what}`, { path: file });
  if (buffer.length < headerStart)
    throw fail(`it has ${buffer.length} bytes, fewer than the ${headerStart} of its fixed header`);
  if (!buffer.subarray(0, 8).equals(magic))
    throw fail(`it is not a file of this tool${butA(describeStranger(buffer))}`);
  const version = buffer.readUInt32LE(8);
  const headerBytes = buffer.readUInt32LE(12);
  if (version > tensorFileVersion && hashFits(buffer)) {
    throw newerFormat(file, version, tensorFileVersion);
  }
  if (version === 0) throw fail('it has format version 0, but versions start at 1');
  if (headerBytes === 0 || headerBytes > maxHeaderBytes || headerStart + headerBytes > buffer.length) {
    throw fail(`its header claims ${headerBytes} bytes, but the file has ${buffer.length}`);
  }
  if (!hashFits(buffer))
    throw fail('its SHA-256 differs from the one stored in it: it is damaged or was cut off');
  const { arrays, ...header } = parseHeader(buffer.subarray(headerStart, headerStart + headerBytes), fail);
  return { header, arrays: readArrays(arrays, buffer.subarray(headerStart + headerBytes), fail) };
}

/** The first array and index that holds no finite number, in words, or `undefined` where all are finite. */
export function findNonFinite(arrays: readonly NamedArray[]): string | undefined {
  for (const { name, values } of arrays) {
    const index = values.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) return `${escapeText(name)}[${index}] is ${values[index]}`;
  }
  return undefined;
}

/** What a file of weights that this tool does not read probably is, judged by its first bytes. */
export function describeStranger(bytes: Buffer): string | undefined {
  const starts: readonly (readonly [string, string])[] = [
    ['504b0304', 'a ZIP file, as PyTorch and Keras write them'],
    ['894844460d0a', 'an HDF5 file'],
    ['80', 'probably a Python pickle'],
    ['7b', 'probably JSON'],
  ];
  return starts.find(([start]) => bytes.toString('hex', 0, 8).startsWith(start))?.[1];
}

type Fail = (what: string) => TrainerError;

function hashOf(bytes: Buffer): Buffer {
  const start = bytes.subarray(0, hashStart);
  return createHash('sha256').update(start).update(bytes.subarray(headerStart)).digest();
}

function hashFits(bytes: Buffer): boolean {
  return hashOf(bytes).equals(bytes.subarray(hashStart, headerStart));
}

function butA(kind: string | undefined): string {
  return kind === undefined ? '' : `, but ${kind}`;
}

function parseHeader(bytes: Buffer, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw fail('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw fail('its header is not an object');
  return header as Record<string, unknown>; // an object's keys are strings
}

function readArrays(table: unknown, body: Buffer, fail: Fail): readonly NamedArray[] {
  if (!Array.isArray(table)) throw fail('its header has no table of arrays');
  const names = new Set<string>();
  let offset = 0;
  const arrays = table.map((entry: unknown) => {
    const { name, shape, sizeBytes } = parseEntry(entry, fail);
    if (names.has(name)) throw fail(`the array ${escapeText(name)} appears twice`);
    names.add(name);
    const expected = shape.reduce((total, size) => total * size, 4);
    if (expected !== sizeBytes) {
      throw fail(
        `the array ${escapeText(name)} has shape ${shape.join(' x ')}, ${expected} bytes, but claims ${sizeBytes}`,
      );
    }
    if (offset + sizeBytes > body.length)
      throw fail(`the array ${escapeText(name)} extends past the end of the file`);
    const values = new Float32Array(sizeBytes / 4);
    Buffer.from(values.buffer).set(body.subarray(offset, offset + sizeBytes));
    offset += sizeBytes;
    return { name, shape, values };
  });
  if (offset !== body.length) throw fail(`${body.length - offset} bytes are left over after its arrays`);
  return arrays;
}

function parseEntry(entry: unknown, fail: Fail): { name: string; shape: number[]; sizeBytes: number } {
  if (typeof entry !== 'object' || entry === null)
    throw fail('its table of arrays has an entry that is not an object');
  const { name, shape, sizeBytes, ...rest } = entry as Record<string, unknown>; // each is checked below
  if (typeof name !== 'string' || name === '') throw fail('its table of arrays has an entry without a name');
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw fail(`the array ${escapeText(name)} has an unknown entry "${escapeText(unknown)}"`);
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isSize)) {
    throw fail(`the array ${escapeText(name)} has an invalid shape`);
  }
  if (!isSize(sizeBytes)) throw fail(`the array ${escapeText(name)} has an invalid size`);
  return { name, shape, sizeBytes };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < 2 ** 40;
}
