import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { formatIdxHeader } from '../src/idx.ts';
import { loadNpz } from '../src/npz.ts';
import { sha256, withByte } from './support/digits.ts';
import { errorOf, failureOf } from './support/errors.ts';
import { createTempFolder } from './support/folder.ts';

// Written by NumPy 2: savez_compressed of uint8; the same with int64 and int32 labels; savez of two examples.
const fixture = (name: string) => new URL(`fixtures/${name}.npz`, import.meta.url).pathname;

test('loads the training split of a packed archive', async () => {
  const { count, images, labels } = await loadNpz({ file: fixture('packed'), split: 'train' });
  expect(count).toBe(20);
  expect([...labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(Array.from({ length: 20 }, (_, index) => images[index * 784 + 14 * 28 + 14])).toEqual(
    Array.from({ length: 20 }, (_, index) => (index + 1) * 3),
  );
});

test('loads the test split of a packed archive', async () => {
  const { count, labels } = await loadNpz({ file: fixture('packed'), split: 'test' });
  expect({ count, labels: [...labels] }).toEqual({ count: 10, labels: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
});

test.each(['train', 'test'] as const)('loads %s labels that are wide numbers as bytes', async (split) => {
  const narrow = await loadNpz({ file: fixture('packed'), split });
  expect(await loadNpz({ file: fixture('wide-labels'), split })).toEqual(narrow);
});

test('loads an archive that is not packed', async () => {
  const packed = await loadNpz({ file: fixture('packed'), split: 'test' });
  const { images, labels, warnings } = await loadNpz({ file: fixture('stored'), split: 'test' });
  expect(images).toEqual(packed.images.slice(0, 2 * 784));
  expect([...labels]).toEqual([0, 1]);
  expect(warnings).toEqual(['there is no example of the digits 2, 3, 4, 5, 6, 7, 8, 9 among 2 labels']);
});

test('gives the hashes that the same data has as IDX files', async () => {
  const { images, labels, sha256: hashes } = await loadNpz({ file: fixture('packed'), split: 'test' });
  expect(hashes).toEqual({
    images: sha256(Buffer.concat([formatIdxHeader([10, 28, 28]), images])),
    labels: sha256(Buffer.concat([formatIdxHeader([10]), labels])),
  });
});

test('says that the file is missing', async () => {
  expect(await failureOf(() => loadNpz({ file: 'none.npz', split: 'test' }))).toBe(
    'E_NO_INPUT: cannot read none.npz: it does not exist (ENOENT)',
  );
});

test('rejects what is not an archive', async () => {
  const file = write(Buffer.alloc(5000, 7));
  const error = await errorOf(() => loadNpz({ file, split: 'test' }));
  expect(error).toMatchObject({ code: 'E_NPZ_FORMAT', path: file });
  expect(error.message).toBe('cannot read x.npz: it is not a ZIP archive');
});

test('rejects an empty file', async () => {
  expect(await failureOf(() => loadNpz({ file: write(Buffer.of()), split: 'test' }))).toBe(
    'E_NPZ_FORMAT: cannot read x.npz: it is empty (0 bytes)',
  );
});

test('names the array that is missing and those that are there', async () => {
  const file = write(replaced(fs.readFileSync(fixture('packed')), 'x_test.npy', 'z_test.npy'));
  expect(await failureOf(() => loadNpz({ file, split: 'test' }))).toBe(
    'E_NPZ_FORMAT: cannot read x.npz: it holds no x_test, only x_train.npy, y_train.npy, z_test.npy, y_test.npy',
  );
});

test('names the first five of many arrays', async () => {
  const bytes = fs.readFileSync(fixture('packed'));
  const [start, end] = [bytes.indexOf('PK\x01\x02'), bytes.lastIndexOf('PK\x05\x06')];
  const directory = bytes.subarray(start, end);
  const tail = Buffer.from(bytes.subarray(end));
  tail.writeUInt16LE(400, 10);
  const many = Array.from({ length: 100 }, () => directory);
  const file = write(
    replaced(Buffer.concat([bytes.subarray(0, start), ...many, tail]), 'x_test.npy', 'z_test.npy'),
  );
  expect(await failureOf(() => loadNpz({ file, split: 'test' }))).toBe(
    'E_NPZ_FORMAT: cannot read x.npz: it holds no x_test, only x_train.npy, y_train.npy, z_test.npy, y_test.npy, x_train.npy and 395 more',
  );
});

test('says that labels are a single number', async () => {
  const bytes = fs.readFileSync(fixture('stored'));
  const at = findHeader(bytes, 'y_test.npy');
  const tail = replaced(bytes.subarray(at), "'shape': (2,)", "'shape': (  )");
  const file = write(Buffer.concat([bytes.subarray(0, at), tail]));
  expect(await failureOf(() => loadNpz({ file, split: 'test' }))).toBe(
    'E_NPZ_FORMAT: cannot read x.npz: y_test is a single number, expected count, count x 1 or one-hot count x 10',
  );
});

const headerFaults: readonly (readonly [fact: string, from: string, to: string, message: string])[] = [
  [
    'complex images',
    "'|u1', 'fortran_order': False, 'shape': (2, 28",
    "'<c8', 'fortran_order': False, 'shape': (2, 28",
    'x_test has the type <c8, expected numbers such as |u1',
  ],
  [
    'float images in so many bytes',
    "'|u1', 'fortran_order': False, 'shape': (2, 28",
    "'<f4', 'fortran_order': False, 'shape': (2, 28",
    'x_test has 1,696 of 6,400 bytes',
  ],
  [
    'column-major images',
    "False, 'shape': (2, 28, 28), }",
    "True,  'shape': (2, 28, 28), }",
    'x_test is in column-major order',
  ],
  ['images of 27 x 28', '(2, 28, 28)', '(2, 27, 28)', 'x_test is 2 x 27 x 28, expected count x 28 x 28'],
  ['no images', '(2, 28, 28)', '(0, 28, 28)', 'x_test is empty'],
  ['more images than bytes', '(2, 28, 28)', '(9, 28, 28)', 'x_test has 1,696 of 7,184 bytes'],
  [
    'a negative dimension',
    '(2, 28, 28)',
    '(-2,28, 28)',
    "x_test has a header that cannot be read: {'descr': '|u1', 'fortran_order': False, 'shape': (-2,28, 28), }",
  ],
  ['no array', '\x93NUMPY', '\x93NUMPI', 'x_test is not a NumPy array'],
];

test.each(headerFaults)('rejects %s', async (_, from, to, message) => {
  const bytes = fs.readFileSync(fixture('stored'));
  const start = bytes.lastIndexOf(Buffer.from('\x93NUMPY', 'latin1'), bytes.lastIndexOf('y_test.npy') - 200);
  const xTest = findHeader(bytes, 'x_test.npy');
  expect(start).toBeGreaterThan(0);
  const tail = replaced(bytes.subarray(xTest), from, to);
  const file = write(Buffer.concat([bytes.subarray(0, xTest), tail]));
  expect(await failureOf(() => loadNpz({ file, split: 'test' }))).toBe(
    `E_NPZ_FORMAT: cannot read x.npz: ${message}`,
  );
});

test('rejects one changed pixel by the checksum of the archive', async () => {
  const bytes = fs.readFileSync(fixture('stored'));
  const file = write(withByte(bytes, findHeader(bytes, 'x_test.npy') + 400, 1));
  expect(await failureOf(() => loadNpz({ file, split: 'test' }))).toBe(
    'E_NPZ_FORMAT: cannot read x.npz: x_test.npy fails its CRC-32 check',
  );
});

test('rejects an archive cut to any length', async () => {
  const bytes = fs.readFileSync(fixture('packed'));
  for (let length = 0; length < bytes.length; length++) {
    const { code } = await errorOf(() => loadNpz({ file: write(bytes.subarray(0, length)), split: 'train' }));
    expect(code).toBe('E_NPZ_FORMAT');
  }
});

test('gives the right data or rejects it, whatever bit of every eleventh is flipped', async () => {
  const bytes = fs.readFileSync(fixture('packed'));
  const right = await loadNpz({ file: fixture('packed'), split: 'test' });
  const file = write(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit += 11) {
    const index = bit >> 3;
    fs.writeFileSync(file, withByte(bytes, index, (bytes[index] ?? 0) ^ (1 << (bit & 7))));
    const data = await loadNpz({ file, split: 'test' }).catch((error: unknown) => error);
    if (data instanceof Error) expect(data).toMatchObject({ code: 'E_NPZ_FORMAT' });
    else expect(data).toHaveProperty('sha256', right.sha256);
  }
});

function write(bytes: Uint8Array): string {
  const file = path.join(createTempFolder(), 'x.npz');
  fs.writeFileSync(file, bytes);
  return file;
}

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  const text = bytes.toString('latin1');
  if (!text.includes(from) || from.length !== to.length) throw new Error(`cannot replace ${from}`);
  return Buffer.from(
    text.replaceAll(from, () => to),
    'latin1',
  );
}

function findHeader(bytes: Buffer, name: string): number {
  return bytes.indexOf(Buffer.from('\x93NUMPY', 'latin1'), bytes.indexOf(name));
}
