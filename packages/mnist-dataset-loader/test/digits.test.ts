import { expect, test } from 'vitest';
import { parseImages, parseLabels } from '../src/digits.ts';
import { formatIdxHeader } from '../src/idx.ts';
import { createImageFile, createLabelFile, withByte } from './support/digits.ts';
import { errorOf, failureOf } from './support/errors.ts';

const images = createImageFile(3);
const labels = createLabelFile(12);

test('gives the pixels of an image file', () => {
  expect(parseImages(images, 'images')).toEqual(new Uint8Array(images.subarray(16)));
});

test('gives the labels of a label file', () => {
  expect(parseLabels(labels, 'labels')).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1));
});

test('rejects an image file cut to any length', async () => {
  for (let length = 0; length < images.length; length++) {
    const problem = cutMessage(length, 16, images.length);
    const failure = await failureOf(() => parseImages(images.subarray(0, length), 'x'));
    expect(failure).toBe(`E_IDX_FORMAT: cannot read x: ${problem}`);
  }
});

test('rejects a label file cut to any length', async () => {
  for (let length = 0; length < labels.length; length++) {
    const problem = cutMessage(length, 8, labels.length);
    const failure = await failureOf(() => parseLabels(labels.subarray(0, length), 'x'));
    expect(failure).toBe(`E_IDX_FORMAT: cannot read x: ${problem}`);
  }
});

test.each(Array.from({ length: 16 * 8 }, (_, bit) => bit))(
  'rejects images with header bit %i flipped',
  async (bit) => {
    const failure = await failureOf(() => parseImages(flipBit(images, bit), 'images'));
    expect(failure).toMatch(imageProblemOf(bit >> 3));
  },
);

test.each(Array.from({ length: 8 * 8 }, (_, bit) => bit))(
  'rejects labels with header bit %i flipped',
  async (bit) => {
    const failure = await failureOf(() => parseLabels(flipBit(labels, bit), 'labels'));
    expect(failure).toMatch(labelProblemOf(bit >> 3));
  },
);

const faults: readonly (readonly [
  fact: string,
  parse: typeof parseImages,
  bytes: Buffer,
  message: string,
])[] = [
  ['labels given as images', parseImages, labels, 'this is a label file (1 dimension), images have 3'],
  ['images given as labels', parseLabels, images, 'this is an image file (3 dimensions), labels have 1'],
  ['images of 4 dimensions', parseImages, file([1, 14, 56, 1], 784), 'it has 4 dimensions, images have 3'],
  ['labels of 2 columns', parseLabels, file([3, 2], 6), 'it has 2 dimensions, labels have 1'],
  ['8 columns of bytes', parseLabels, file([3, 8], 24), 'it has 2 dimensions, labels have 1'],
  [
    'labels of another type',
    parseLabels,
    withByte(labels, 2, 0x09),
    'type 0x09 (int8) is not supported, expected 0x08 (uint8) or 0x0C (int32)',
  ],
  [
    'images of floats',
    parseImages,
    withByte(images, 2, 0x0d),
    'type 0x0D (float32) is not supported, expected 0x08 (uint8)',
  ],
  ['no images', parseImages, file([0, 28, 28], 0), 'it holds no images (0 x 28 x 28)'],
  ['images without rows', parseImages, file([3, 0, 28], 0), 'it holds no images (3 x 0 x 28)'],
  ['images without columns', parseImages, file([3, 28, 0], 0), 'it holds no images (3 x 28 x 0)'],
  ['no labels', parseLabels, file([0], 0), 'it holds no labels (0)'],
  ['images of 32 x 32', parseImages, file([1, 32, 32], 1024), 'found images of 32 x 32, expected 28 x 28'],
  ['a label of 10', parseLabels, withByte(labels, 8 + 7, 10), 'label 10 at index 7, expected 0 to 9'],
  ['a label of 255', parseLabels, withByte(labels, 8, 255), 'label 255 at index 0, expected 0 to 9'],
  [
    'a little-endian file',
    parseImages,
    swapped(images),
    'the byte order of its header looks swapped (IDX is big-endian)',
  ],
  [
    'an extra byte',
    parseImages,
    Buffer.concat([images, Buffer.of(0)]),
    'it has 1 extra byte after the 2,368 declared',
  ],
];

const images3 = file([3, 28, 28], 2352).subarray(16);

test.each([
  [3, 784],
  [3, 28, 28, 1],
  [3, 1, 28, 28],
])('reads images of %i x %i x ...', (...shape) => {
  const bytes = Buffer.concat([formatIdxHeader(shape), images3]);
  expect(parseImages(bytes, 'x')).toEqual(new Uint8Array(images3));
});

test("reads the first of eight int32 columns, as QMNIST's labels have them", () => {
  const rows = [5, 0, 9].flatMap((label) => [label, 1, 2, 3, 4, 5, 6, 7]);
  expect(parseLabels(int32File([3, 8], rows), 'x')).toEqual(Uint8Array.of(5, 0, 9));
});

test('reads int32 labels, and labels in one column', () => {
  const column = Buffer.concat([formatIdxHeader([3, 1]), Buffer.of(7, 8, 9)]);
  expect([parseLabels(int32File([2], [3, 4]), 'x'), parseLabels(column, 'x')]).toEqual([
    Uint8Array.of(3, 4),
    Uint8Array.of(7, 8, 9),
  ]);
});

test('rejects a negative label', async () => {
  expect(await failureOf(() => parseLabels(int32File([2], [3, -1]), 'x'))).toBe(
    'E_IDX_FORMAT: cannot read x: label -1 at index 1, expected 0 to 9',
  );
});

test.each([
  [
    [1, 10],
    'The labels run from 1 to 10. If they are digits counted from 1, a line of Python with NumPy subtracts 1 from each:',
  ],
  [
    [1, 26],
    'The labels run from 1 to 26. If they are letters, as in parts of EMNIST: only the ten digits can be learned.',
  ],
  [[0, 200], undefined],
])('explains labels from %j', async (ends, hint) => {
  const bytes = Buffer.concat([formatIdxHeader([2]), Buffer.from(ends)]);
  expect((await errorOf(() => parseLabels(bytes, 'x'))).hint).toBe(hint);
});

test.each(faults)('rejects %s', async (_, parse, bytes, message) => {
  expect(await failureOf(() => parse(bytes, 'x'))).toBe(`E_IDX_FORMAT: cannot read x: ${message}`);
});

function cutMessage(length: number, headerBytes: number, sizeBytes: number): string {
  if (length === 0) return 'it is empty (0 bytes)';
  const unit = length === 1 ? 'byte' : 'bytes';
  if (length < 4) return `its header is incomplete: ${length} ${unit}, expected at least 8`;
  if (length < headerBytes) return `its header is incomplete: ${length} bytes, expected ${headerBytes}`;
  return `${length.toLocaleString('en-US')} of ${sizeBytes.toLocaleString('en-US')} bytes are there`;
}

function imageProblemOf(byte: number): RegExp {
  if (byte < 2) return /^E_IDX_FORMAT: cannot read images: it is not an IDX file/;
  if (byte === 2) return /^E_IDX_FORMAT: cannot read images: (type 0x0\d|type 0x0C|its type byte)/;
  if (byte === 3)
    return /^E_IDX_FORMAT: cannot read images: (it has \d+ dimensions|this is a label file|its header is incomplete|its dimensions)/;
  if (byte < 8)
    return /^E_IDX_FORMAT: cannot read images: (2,368 of [\d,]+ bytes are there|it has [\d,]+ extra bytes)/;
  return /^E_IDX_FORMAT: cannot read images: found images of \d+ x \d+, expected 28 x 28/;
}

function labelProblemOf(byte: number): RegExp {
  if (byte < 2) return /^E_IDX_FORMAT: cannot read labels: it is not an IDX file/;
  if (byte === 2)
    return /^E_IDX_FORMAT: cannot read labels: (type 0x0\d|20 of 56 bytes are there|its type byte)/;
  if (byte === 3)
    return /^E_IDX_FORMAT: cannot read labels: (it has \d+ dimensions|it declares no dimensions|this is an image file|its header is incomplete)/;
  return /^E_IDX_FORMAT: cannot read labels: (20 of [\d,]+ bytes are there|it has \d+ extra bytes)/;
}

function flipBit(bytes: Buffer, bit: number): Buffer {
  const index = bit >> 3;
  return withByte(bytes, index, (bytes[index] ?? 0) ^ (1 << (bit & 7)));
}

function file(shape: readonly number[], dataBytes: number): Buffer {
  return Buffer.concat([formatIdxHeader(shape), Buffer.alloc(dataBytes)]);
}

function int32File(shape: readonly number[], values: readonly number[]): Buffer {
  const data = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => data.writeInt32BE(value, index * 4));
  return Buffer.concat([withByte(formatIdxHeader(shape), 2, 0x0c), data]);
}

function swapped(bytes: Buffer): Buffer {
  const header = Buffer.from(bytes.subarray(0, 16)).swap32();
  return Buffer.concat([header, bytes.subarray(16)]);
}
