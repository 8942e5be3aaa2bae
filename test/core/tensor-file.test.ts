import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeTensorFile,
  describeStranger,
  encodeTensorFile,
  findNonFinite,
  type NamedArray,
  type TensorFile,
} from '../../src/core/tensor-file.ts';
import { catchError } from '../support/caught.ts';
import { sealChanged, sealHeader } from '../support/sealed-file.ts';

const small: TensorFile = {
  header: { kind: 'test', step: 3 },
  arrays: [
    { name: 'a', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, -6.5) },
    { name: 'b', shape: [], values: Float32Array.of(7) },
  ],
};
const bytes = encodeTensorFile(small);
const decode = (given: Uint8Array) => decodeTensorFile(given, 'net/x.ckpt');
const reject = (given: Uint8Array) => catchError(() => decode(given));
const table = (...arrays: readonly object[]) => JSON.stringify({ arrays });

describe('a tensor file', () => {
  test('gives back what was put in', () => {
    expect(decode(bytes)).toEqual(small);
  });

  test('gives back any header and any arrays, bit for bit', () => {
    const array = fc
      .tuple(
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
        fc.infiniteStream(fc.float({ noNaN: true })),
      )
      .map(([shape, numbers]) => ({
        shape,
        values: Float32Array.from({ length: shape.reduce((total, size) => total * size, 1) }, () =>
          Number(numbers.next().value),
        ),
      }));
    const file = fc.record({
      header: fc.dictionary(
        fc.string().filter((key) => key !== 'arrays' && key !== '__proto__'),
        fc.jsonValue(),
      ),
      arrays: fc
        .array(array, { maxLength: 4 })
        .map((arrays) => arrays.map((each, index) => ({ ...each, name: `array/${index}` }))),
    });
    fc.assert(
      fc.property(file, (given) => {
        const again = decode(encodeTensorFile(given));
        expect(JSON.stringify(again.header)).toBe(JSON.stringify(given.header));
        expect(again.arrays).toEqual(given.arrays);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test('is the same for the same content', () => {
    expect(encodeTensorFile(small).equals(bytes)).toBe(true);
  });

  test('begins with its mark, its version and the size of its header', () => {
    expect([bytes.toString('latin1', 0, 8), bytes.readUInt32LE(8), bytes.readUInt32LE(12) % 8]).toEqual([
      'MNISTCNN',
      1,
      0,
    ]);
  });

  test('writes a part of a larger buffer, and no more of it', () => {
    const values = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const file = { header: {}, arrays: [{ name: 'a', shape: [2], values }] };
    expect([...(decode(encodeTensorFile(file)).arrays[0]?.values ?? [])]).toEqual([2, 3]);
  });

  test('can be read out of the middle of a buffer', () => {
    const around = Buffer.concat([Buffer.from('xyz'), bytes, Buffer.from('!')]);
    expect(decode(around.subarray(3, -1))).toEqual(small);
  });

  test('may hold no arrays', () => {
    expect(decode(encodeTensorFile({ header: {}, arrays: [] }))).toEqual({ header: {}, arrays: [] });
  });
});

describe('damage', () => {
  test('of any single bit is noticed', () => {
    const changed = Buffer.from(bytes);
    const codes = new Set<string>();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const at = bit >> 3;
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (bit & 7)), at);
      codes.add(reject(changed).code);
      changed.writeUInt8(bytes.readUInt8(at), at);
    }
    expect([...codes]).toEqual(['E_MODEL_FORMAT']);
  });

  test('by a cut at any length is noticed', () => {
    const codes = Array.from(bytes.keys(), (length) => reject(bytes.subarray(0, length)).code);
    expect([...new Set(codes)]).toEqual(['E_MODEL_FORMAT']);
  });

  test('by a byte too many is noticed', () => {
    expect(reject(Buffer.concat([bytes, Buffer.from([0])])).message).toBe(
      'cannot read x.ckpt: its SHA-256 differs from the one stored in it: it is damaged or was cut off',
    );
  });

  test('is told with the file', () => {
    expect(reject(bytes.subarray(0, 10))).toMatchObject({
      message: 'cannot read x.ckpt: it has 10 bytes, fewer than the 48 of its start',
      path: 'net/x.ckpt',
    });
  });
});

describe('the version', () => {
  test('of a newer file is named, with the way out', () => {
    const newer = sealChanged(small, (file) => file.writeUInt32LE(2, 8));
    expect(reject(newer)).toMatchObject({
      code: 'E_MODEL_VERSION',
      message: 'cannot read x.ckpt: it has format version 2, this tool reads up to 1',
      hint: 'It was written by a newer mnist-cnn. Upgrade this one.',
    });
  });

  test('0 never was', () => {
    const older = sealChanged(small, (file) => file.writeUInt32LE(0, 8));
    expect(reject(older)).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: 'cannot read x.ckpt: it has format version 0, the first one is 1',
    });
  });
});

describe('a header size', () => {
  test.each([0, bytes.length, 8 * 1024 * 1024 + 8, 2 ** 31, 2 ** 32 - 1])('of %i is refused', (size) => {
    const changed = sealChanged(small, (file) => file.writeUInt32LE(size, 12));
    expect(reject(changed).message).toBe(
      `cannot read x.ckpt: its header claims ${size} bytes, the file has ${bytes.length}`,
    );
  });
});

describe('a forged header', () => {
  test.each<[string, string, string]>([
    ['that is no JSON', '{"arrays"', 'its header is no JSON'],
    ['that is a list', '[]', 'its header is no object'],
    ['that is null', 'null', 'its header is no object'],
    ['without a table', '{}', 'its header has no table of arrays'],
    ['whose table is an object', '{"arrays":{}}', 'its header has no table of arrays'],
    ['with a number for an array', '{"arrays":[1]}', 'its table of arrays has an entry that is no object'],
    ['with a nameless array', table({}), 'its table of arrays has an entry without a name'],
    ['with an empty name', table({ name: '' }), 'its table of arrays has an entry without a name'],
    ['with no shape', table({ name: 'a' }), 'the array a has no sound shape'],
    ['with a size of 0', table({ name: 'a', shape: [2, 0] }), 'the array a has no sound shape'],
    ['with a negative size', table({ name: 'a', shape: [-1] }), 'the array a has no sound shape'],
    ['with a fraction', table({ name: 'a', shape: [1.5] }), 'the array a has no sound shape'],
    ['with 1e308', '{"arrays":[{"name":"a","shape":[1e308]}]}', 'the array a has no sound shape'],
    ['with nine sizes', table({ name: 'a', shape: Array(9).fill(1) }), 'the array a has no sound shape'],
    ['with a text for a size', table({ name: 'a', shape: ['1'] }), 'the array a has no sound shape'],
    ['without a byte count', table({ name: 'a', shape: [1] }), 'the array a has no sound size'],
    [
      'whose shape and bytes differ',
      table({ name: 'a', shape: [2, 2], sizeBytes: 12 }),
      'the array a has shape 2 x 2, 16 bytes, but claims 12',
    ],
    [
      'whose product overflows',
      table({ name: 'a', shape: Array(8).fill(2 ** 39), sizeBytes: 4 }),
      `the array a has shape ${Array(8)
        .fill(2 ** 39)
        .join(' x ')}, ${4 * 2 ** 312} bytes, but claims 4`,
    ],
    [
      'that goes past the end',
      table({ name: 'a', shape: [3], sizeBytes: 12 }),
      'the array a goes past the end of the file',
    ],
    [
      'with a hole behind its arrays',
      table({ name: 'a', shape: [1], sizeBytes: 4 }),
      '4 bytes are left over behind its arrays',
    ],
    [
      'with one name twice',
      table({ name: 'a', shape: [1], sizeBytes: 4 }, { name: 'a', shape: [1], sizeBytes: 4 }),
      'the array a is there twice',
    ],
    [
      'with a number type',
      table({ name: 'a', shape: [2], sizeBytes: 8, dtype: 'float16' }),
      'the array a has an unknown entry "dtype"',
    ],
    [
      'with offsets of its own',
      table({ name: 'a', shape: [2], sizeBytes: 8, offset: 4 }),
      'the array a has an unknown entry "offset"',
    ],
    [
      'with a name that drives a terminal',
      table({ name: '\u001b[2J' }),
      'the array \\x1b[2J has no sound shape',
    ],
  ])('%s is refused', (_, header, reason) => {
    expect(reject(sealHeader(header, new Uint8Array(8)))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read x.ckpt: ${reason}`,
    });
  });

  test('cannot change what all objects inherit', () => {
    const header = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"arrays":[]}';
    decode(sealHeader(header));
    expect('polluted' in {}).toBe(false);
  });

  test('nested 100,000 deep exhausts no stack', () => {
    const deep = `{"arrays":[],"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(decode(sealHeader(deep)).arrays).toEqual([]);
  });

  test('that claims a terabyte allocates nothing', () => {
    const header = table({ name: 'a', shape: [2 ** 37], sizeBytes: 2 ** 39 });
    const before = process.memoryUsage.rss();
    expect(reject(sealHeader(header)).message).toBe(
      'cannot read x.ckpt: the array a goes past the end of the file',
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 2 ** 20);
  });
});

describe('a file of another tool', () => {
  const start = (hex: string) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(60)]);

  test.each([
    ['504b0304', 'a ZIP file, as PyTorch and Keras write them'],
    ['894844460d0a1a0a', 'an HDF5 file'],
    ['80024d', 'probably a Python pickle'],
    ['7b22', 'probably JSON'],
  ])('that begins with %s is named %s', (hex, kind) => {
    expect(reject(start(hex)).message).toBe(`cannot read x.ckpt: it is no file of this tool, but ${kind}`);
  });

  test('of an unknown kind is no file of this tool', () => {
    expect(reject(start('00')).message).toBe('cannot read x.ckpt: it is no file of this tool');
  });

  test('too short to be told is of no known kind', () => {
    expect(describeStranger(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('findNonFinite', () => {
  const array = (name: string, ...values: readonly number[]): NamedArray => ({
    name,
    shape: [values.length],
    values: Float32Array.from(values),
  });

  test.each([
    [Number.NaN, 'b[1] is NaN'],
    [Infinity, 'b[1] is Infinity'],
    [-Infinity, 'b[1] is -Infinity'],
  ])('finds %d and says where', (value, words) => {
    expect(findNonFinite([array('a', 1), array('b', 1, value)])).toBe(words);
  });

  test('finds nothing among finite numbers, the largest and smallest too', () => {
    expect(findNonFinite([array('a', 3.4e38, 1e-45, -0)])).toBeUndefined();
  });
});
