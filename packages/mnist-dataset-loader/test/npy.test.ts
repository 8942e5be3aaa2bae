import { expect, test } from 'vitest';
import { parseNpyHeader } from '../src/npy.ts';
import { findElementType } from '../src/npy-types.ts';
import { failureOf } from './support/errors.ts';

test.each([
  ['|u1', [200], 200],
  ['|i1', [200], -56],
  ['<u2', [1, 2], 513],
  ['<i2', [255, 255], -1],
  ['<u4', [0, 0, 0, 128], 2 ** 31],
  ['<i4', [0, 0, 0, 128], -(2 ** 31)],
  ['<u8', [0, 0, 0, 0, 1, 0, 0, 0], 2 ** 32],
  ['<i8', [254, 255, 255, 255, 255, 255, 255, 255], -2],
  ['|b1', [1], 1],
  ['>u2', [1, 2], 258],
  ['>i2', [255, 254], -2],
  ['>i4', [0, 0, 1, 0], 256],
  ['>u8', [0, 0, 0, 1, 0, 0, 0, 7], 2 ** 32 + 7],
  ['>i8', [255, 255, 255, 255, 255, 255, 255, 254], -2],
  ['<f4', [0, 0, 128, 63], 1],
  ['>f8', [63, 240, 0, 0, 0, 0, 0, 0], 1],
])('reads the type %s', (type, bytes, value) => {
  const element = findElementType(type);
  expect(element?.sizeBytes).toBe(bytes.length);
  expect(element?.read(new DataView(Uint8Array.from(bytes).buffer), 0)).toBe(value);
});

test.each(['<c8', '|S1', '|O', '<f2', '<b1 ', 'u1u1', ''])('does not know the type %s', (type) => {
  expect(findElementType(type)).toBeUndefined();
});

test.each([1, 2, 3])('reads the header of format version %i', (version) => {
  expect(parseNpyHeader(createHeader(version, '(3, 28, 28)'), 'x.npz', 'x')).toMatchObject({
    type: '|u1',
    shape: [3, 28, 28],
  });
});

test.each([
  ['a newer version', createHeader(4, '(3,)'), 'x has format version 4, expected 1 to 3'],
  [
    'impossible dimensions',
    createHeader(1, '(99999999999, 99999999999)'),
    'x has impossible dimensions: 99999999999 x 99999999999',
  ],
  ['a header cut off', createHeader(1, '(3,)').subarray(0, 40), 'x has a header longer than its bytes'],
])('rejects %s', async (_, bytes, problem) => {
  const failure = await failureOf(() => parseNpyHeader(bytes, 'a.npz', 'x'));
  expect(failure).toBe(`E_NPZ_FORMAT: cannot read a.npz: ${problem}`);
});

function createHeader(version: number, shape: string): Buffer {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }\n`;
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length[0] = text.length;
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.of(version, 0),
    length,
    Buffer.from(text),
  ]);
}
