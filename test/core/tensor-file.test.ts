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
import { sealChanged } from '../support/sealed-file.ts';

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
  test('of any single bit is noticed (D3)', () => {
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

  test('is reported with the file', () => {
    expect(reject(bytes.subarray(0, 10))).toMatchObject({
      message: 'cannot read x.ckpt: it has 10 bytes, fewer than the 48 of its fixed header',
      path: 'net/x.ckpt',
    });
  });
});

describe('the version', () => {
  test('of a newer file is named, with the way out (D17)', () => {
    const newer = sealChanged(small, (file) => file.writeUInt32LE(2, 8));
    expect(reject(newer)).toMatchObject({
      code: 'E_MODEL_VERSION',
      message: 'cannot read x.ckpt: it has format version 2, but this tool reads up to 1',
      hint: 'It was written by a newer mnist-cnn. Upgrade this one.',
    });
  });

  test('0 never was', () => {
    const older = sealChanged(small, (file) => file.writeUInt32LE(0, 8));
    expect(reject(older)).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: 'cannot read x.ckpt: it has format version 0, but versions start at 1',
    });
  });
});

describe('a header size', () => {
  test.each([0, bytes.length, 8 * 1024 * 1024 + 8, 2 ** 31, 2 ** 32 - 1])('of %i is refused (D8)', (size) => {
    const changed = sealChanged(small, (file) => file.writeUInt32LE(size, 12));
    expect(reject(changed).message).toBe(
      `cannot read x.ckpt: its header claims ${size} bytes, but the file has ${bytes.length}`,
    );
  });
});

describe('a file of another tool', () => {
  const start = (hex: string) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(60)]);

  test.each([
    ['504b0304', 'a ZIP file, as PyTorch and Keras write them'],
    ['894844460d0a1a0a', 'an HDF5 file'],
    ['80024d', 'probably a Python pickle'],
    ['7b22', 'probably JSON'],
  ])('that begins with %s is named %s (D16)', (hex, kind) => {
    expect(reject(start(hex)).message).toBe(`cannot read x.ckpt: it is not a file of this tool, but ${kind}`);
  });

  test('of an unknown kind is not a file of this tool', () => {
    expect(reject(start('00')).message).toBe('cannot read x.ckpt: it is not a file of this tool');
  });

  test('too short to be recognized is of an unknown kind', () => {
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
