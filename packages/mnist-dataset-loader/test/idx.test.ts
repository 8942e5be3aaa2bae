import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIdxHeader, parseIdx } from '../src/idx.ts';
import { idxTypes } from '../src/idx-header.ts';
import { errorOf, failureOf } from './support/errors.ts';

const shapes = fc.array(fc.nat(5), { minLength: 1, maxLength: 5 });

test('reads back unsigned bytes of any shape as they were written', () => {
  const written = shapes.chain((shape) => {
    const count = shape.reduce((total, size) => total * size, 1);
    return fc.tuple(fc.constant(shape), fc.uint8Array({ minLength: count, maxLength: count }));
  });
  fc.assert(
    fc.property(written, ([shape, data]) => {
      const bytes = Buffer.concat([formatIdxHeader(shape), data]);
      expect(parseIdx(bytes)).toEqual({ type: 'uint8', shape, data });
    }),
  );
});

const codecs = [
  {
    type: 'int8',
    values: Int8Array.of(-128, 0, 127),
    write: (view: DataView, at: number, value: number) => view.setInt8(at, value),
  },
  {
    type: 'int16',
    values: Int16Array.of(-32_768, 258, 32_767),
    write: (view: DataView, at: number, value: number) => view.setInt16(at, value),
  },
  {
    type: 'int32',
    values: Int32Array.of(-(2 ** 31), 66_051, 2 ** 31 - 1),
    write: (view: DataView, at: number, value: number) => view.setInt32(at, value),
  },
  {
    type: 'float32',
    values: Float32Array.of(-1.5, Number.POSITIVE_INFINITY, 2 ** -149),
    write: (view: DataView, at: number, value: number) => view.setFloat32(at, value),
  },
  {
    type: 'float64',
    values: Float64Array.of(-Math.PI, -0, 5e-324),
    write: (view: DataView, at: number, value: number) => view.setFloat64(at, value),
  },
] as const;

test.each(codecs)('reads $type as big-endian numbers', ({ type, values, write }) => {
  const header = Buffer.from([0, 0, idxTypes[type].code, 1, 0, 0, 0, 3]);
  const body = new DataView(new ArrayBuffer(values.byteLength));
  values.forEach((value, index) => write(body, index * idxTypes[type].sizeBytes, value));
  const bytes = Buffer.concat([header, new Uint8Array(body.buffer)]);
  expect(parseIdx(bytes)).toEqual({ type, shape: [3], data: values });
});

test('views unsigned bytes without copying them', () => {
  const bytes = Buffer.concat([formatIdxHeader([2]), Buffer.of(7, 8)]);
  bytes[9] = 9;
  expect(parseIdx(bytes).data).toEqual(Uint8Array.of(7, 9));
  expect(parseIdx(bytes).data.buffer).toBe(bytes.buffer);
});

test('reads a view into the middle of a buffer', () => {
  const bytes = Buffer.concat([Buffer.of(1, 2, 3), formatIdxHeader([1, 2]), Buffer.of(4, 5)]).subarray(3);
  expect(parseIdx(bytes)).toEqual({ type: 'uint8', shape: [1, 2], data: Uint8Array.of(4, 5) });
});

const faults: readonly (readonly [fact: string, bytes: Buffer, message: string])[] = [
  ['no bytes', Buffer.of(), 'it is empty (0 bytes)'],
  ['one byte', Buffer.of(0), 'its header is incomplete: 1 byte, expected at least 8'],
  ['three bytes', Buffer.of(0, 0, 8), 'its header is incomplete: 3 bytes, expected at least 8'],
  ['a cut dimension', Buffer.of(0, 0, 8, 1, 0, 0), 'its header is incomplete: 6 bytes, expected 8'],
  [
    '255 dimensions in 8 bytes',
    Buffer.of(0, 0, 8, 255, 0, 0, 0, 1),
    'its header is incomplete: 8 bytes, expected 1,024',
  ],
  ['an unknown type', Buffer.of(0, 0, 10, 1, 0, 0, 0, 0), "its type byte 0x0A is not one of the format's"],
  ['no dimensions', Buffer.of(0, 0, 8, 0, 1), 'it declares no dimensions'],
  ['a missing byte', Buffer.of(0, 0, 8, 1, 0, 0, 0, 2, 1), '9 of 10 bytes are there'],
  ['an extra byte', Buffer.of(0, 0, 8, 1, 0, 0, 0, 1, 1, 1), 'it has 1 extra byte after the 9 declared'],
  [
    'two extra bytes',
    Buffer.of(0, 0, 8, 1, 0, 0, 0, 1, 1, 1, 1),
    'it has 2 extra bytes after the 9 declared',
  ],
  [
    'a swapped header',
    Buffer.of(1, 8, 0, 0, 2, 0, 0, 0, 1, 1),
    'the byte order of its header looks swapped (IDX is big-endian)',
  ],
  [
    'swapped dimensions',
    Buffer.of(0, 0, 8, 1, 2, 0, 0, 0, 1, 1),
    'the byte order of its dimensions looks swapped (IDX is big-endian)',
  ],
  [
    'gzip',
    Buffer.of(0x1f, 0x8b, 8, 0),
    'it is not an IDX file (its first two bytes are not 0), it looks like gzip',
  ],
  [
    'HTML',
    Buffer.from('\n <!DOCTYPE html><html>'),
    'it is not an IDX file (its first two bytes are not 0), it looks like HTML',
  ],
  [
    'ZIP',
    Buffer.from('PK\x03\x04....'),
    'it is not an IDX file (its first two bytes are not 0), it looks like a ZIP archive',
  ],
  ['text', Buffer.from('hello'), 'it is not an IDX file (its first two bytes are not 0)'],
  [
    'a second byte that is not 0',
    Buffer.of(0, 1, 8, 1),
    'it is not an IDX file (its first two bytes are not 0)',
  ],
];

test.each(faults)('rejects %s', async (_, bytes, message) => {
  expect(await failureOf(() => parseIdx(bytes, { name: 'a.idx' }))).toBe(
    `E_IDX_FORMAT: cannot read a.idx: ${message}`,
  );
});

test('rejects dimensions of 2^32 - 1 before it makes room for them', async () => {
  const bytes = Buffer.concat([Buffer.of(0, 0, 8, 3), Buffer.alloc(12, 0xff), Buffer.alloc(100)]);
  const before = process.memoryUsage.rss();
  const start = performance.now();
  expect(await failureOf(() => parseIdx(bytes))).toBe(
    'E_IDX_FORMAT: cannot read the IDX data: its dimensions 4294967295 x 4294967295 x 4294967295 are impossible',
  );
  expect(performance.now() - start).toBeLessThan(100);
  expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 2 ** 20);
});

test('reports 255 impossible dimensions in one line', async () => {
  const bytes = Buffer.concat([Buffer.of(0, 0, 8, 255), Buffer.alloc(1020, 0xff)]);
  const { message } = await errorOf(() => parseIdx(bytes));
  expect(message).toMatch(/^cannot read the IDX data: its dimensions (4294967295 x ){15}.*… are impossible$/);
});

test('makes no room for a size that a few bytes declare', async () => {
  const bytes = Buffer.of(0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 1);
  expect(await failureOf(() => parseIdx(bytes))).toBe(
    'E_IDX_FORMAT: cannot read the IDX data: 9 of 4,294,967,303 bytes are there',
  );
});
