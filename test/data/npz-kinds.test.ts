import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadNpz } from '#mnist-dataset-loader';
import { npy, writeZip } from '../fuzz/npz-archive.ts';
import { createTempFolder } from '../support/folder.ts';

/** One array: NumPy's type, its shape, its bytes. */
interface Array {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const pixels = Uint8Array.from({ length: 1568 }, (_, at) => (at * 7) % 256);
const bytesOf = (
  values: readonly number[],
  write: (view: DataView, at: number, value: number) => void,
  size: number,
) => {
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, index) => write(view, index * size, value));
  return new Uint8Array(view.buffer);
};
const floats = (values: readonly number[]) =>
  bytesOf(values, (view, at, value) => view.setFloat32(at, value, true), 4);
const images: Array = { type: '|u1', shape: [2, 28, 28], data: pixels };
const labels: Array = { type: '|u1', shape: [2], data: Uint8Array.of(3, 9) };

/** Loads the training split of an archive with these arrays. */
async function load(arrays: Readonly<Record<string, Array>>) {
  const members = Object.entries(arrays).map(([name, { type, shape, data }]) => {
    const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
    return { name: `${name}.npy`, method: 0, content: npy(header, Buffer.from(data)) };
  });
  const file = path.join(createTempFolder(), 'a.npz');
  fs.writeFileSync(file, writeZip(members));
  return loadNpz({ file, split: 'train' });
}

const loadLabels = async (given: Array) => [...(await load({ x_train: images, y_train: given })).labels];
const loadImages = async (given: Array) => (await load({ x_train: given, y_train: labels })).images;

describe('labels of an npz archive are read where they are', () => {
  const big = (type: string, size: number, data: Uint8Array): readonly [string, Array] => [
    type,
    {
      type,
      shape: [2],
      data: Uint8Array.from({ length: 2 * size }, (_, at) =>
        at % size === size - 1 ? (data[Math.floor(at / size)] ?? 0) : 0,
      ),
    },
  ];
  test.each([
    big('>u2', 2, labels.data),
    big('>i4', 4, labels.data),
    big('>i8', 8, labels.data),
    ['<f4', { type: '<f4', shape: [2], data: floats([3, 9]) }],
    ['|u1 in one column', { ...labels, shape: [2, 1] }],
    [
      'one-hot bytes',
      {
        type: '|u1',
        shape: [2, 10],
        data: Uint8Array.from({ length: 20 }, (_, at) => Number(at === 3 || at === 19)),
      },
    ],
    [
      'one-hot truth values',
      {
        type: '|b1',
        shape: [2, 10],
        data: Uint8Array.from({ length: 20 }, (_, at) => Number(at === 3 || at === 19)),
      },
    ],
    [
      'one-hot floats',
      {
        type: '<f4',
        shape: [2, 10],
        data: floats(Array.from({ length: 20 }, (_, at) => Number(at === 3 || at === 19))),
      },
    ],
  ] as const)('%s', async (_, given) => {
    expect(await loadLabels(given)).toEqual([3, 9]);
  });
});

describe('images of an npz archive are read where they are', () => {
  test.each([
    ['flat', { ...images, shape: [2, 784] }],
    ['with the channel last', { ...images, shape: [2, 28, 28, 1] }],
    ['with the channel first', { ...images, shape: [2, 1, 28, 28] }],
    [
      'int16',
      {
        type: '>i2',
        shape: [2, 28, 28],
        data: bytesOf([...pixels], (view, at, value) => view.setInt16(at, value), 2),
      },
    ],
    [
      'floats that are multiples of 1/255',
      { type: '<f4', shape: [2, 28, 28], data: floats([...pixels].map((value) => value / 255)) },
    ],
    [
      'floats that are multiples of 1/256',
      { type: '<f4', shape: [2, 28, 28], data: floats([...pixels].map((value) => value / 256)) },
    ],
    ['floats from 0 to 255', { type: '<f4', shape: [2, 28, 28], data: floats([...pixels]) }],
  ] as const)('%s', async (_, given) => {
    expect(await loadImages(given)).toEqual(pixels);
  });

  test('floats of 0 and 1 alone, as black and white', async () => {
    const given = {
      type: '<f4',
      shape: [2, 28, 28],
      data: floats([...pixels].map((value) => Number(value > 127))),
    };
    expect(await loadImages(given)).toEqual(pixels.map((value) => (value > 127 ? 255 : 0)));
  });
});

test('the same data has the same hashes whatever it came in', async () => {
  const usual = await load({ x_train: images, y_train: labels });
  const flat = { type: '<f4', shape: [2, 784], data: floats([...pixels].map((value) => value / 255)) };
  const wide = { type: '<f4', shape: [2, 1], data: floats([3, 9]) };
  expect((await load({ train_images: flat, train_labels: wide })).sha256).toEqual(usual.sha256);
});

describe('an npz archive is known by names that say the same', () => {
  test.each([
    ['train_images', 'train_labels'],
    ['training_images', 'training_labels'],
    ['X_train', 'Y_train'],
    ['trainX', 'trainY'],
    ['images_train', 'targets-train'],
  ])('%s and %s', async (first, second) => {
    expect((await load({ [first]: images, [second]: labels })).count).toBe(2);
  });

  test('the usual name goes before another', async () => {
    const other = { ...labels, data: Uint8Array.of(1, 1) };
    const { labels: read } = await load({ Y_train: other, y_train: labels, x_train: images });
    expect([...read]).toEqual([3, 9]);
  });
});

const refused: readonly (readonly [
  what: string,
  arrays: Readonly<Record<string, Array>>,
  message: string,
  kind?: string,
])[] = [
  [
    'two arrays that say the same',
    { X_train: images, train_images: images, y_train: labels },
    'X_train.npy and train_images.npy both seem to be x_train.npy',
  ],
  [
    'floats from -1 to 1',
    {
      x_train: {
        type: '<f4',
        shape: [2, 28, 28],
        data: floats([...pixels].map((value) => value / 127.5 - 1)),
      },
      y_train: labels,
    },
    'x_train holds numbers from -1 to 1 (<f4), expected bytes, or floats that are multiples of 1/255',
    'inexact-floats',
  ],
  [
    'floats from 0 to 1 between the steps',
    {
      x_train: { type: '<f4', shape: [2, 28, 28], data: floats([...pixels].map((value) => value / 255.4)) },
      y_train: labels,
    },
    'x_train holds numbers from 0 to 0.9984 (<f4), expected bytes, or floats that are multiples of 1/255',
    'inexact-floats',
  ],
  [
    'pixels that are not a number',
    {
      x_train: {
        type: '<f4',
        shape: [2, 28, 28],
        data: floats([...pixels].map((value, at) => (at === 9 ? Number.NaN : value / 255))),
      },
      y_train: labels,
    },
    'x_train holds numbers from 0 to 1 (<f4), expected bytes, or floats that are multiples of 1/255',
    'inexact-floats',
  ],
  [
    'a negative pixel',
    { x_train: { type: '|i1', shape: [2, 28, 28], data: pixels }, y_train: labels },
    'x_train holds numbers from -128 to 127 (|i1), expected bytes, or floats that are multiples of 1/255',
    'inexact-floats',
  ],
  [
    'images of 32 x 32',
    { x_train: { type: '|u1', shape: [2, 32, 32], data: new Uint8Array(2048) }, y_train: labels },
    'x_train is 2 x 32 x 32, expected count x 28 x 28',
    'images-32',
  ],
  [
    'labels that are no whole numbers',
    { x_train: images, y_train: { type: '<f4', shape: [2], data: floats([3, 4.5]) } },
    'label 4.5 at index 1 of y_train, expected 0 to 9',
  ],
  [
    'labels from 1 to 10',
    { x_train: images, y_train: { ...labels, data: Uint8Array.of(1, 10) } },
    'label 10 at index 1 of y_train, expected 0 to 9',
    'labels-from-1',
  ],
  [
    'rows of labels that name two classes',
    {
      x_train: images,
      y_train: { type: '|u1', shape: [2, 10], data: new Uint8Array(20).fill(1, 0, 2).fill(1, 10, 11) },
    },
    'row 0 of y_train is not one-hot: 1 1 0 0 0 0 0 0 0 0',
  ],
  [
    'five columns of labels',
    { x_train: images, y_train: { type: '|u1', shape: [2, 5], data: new Uint8Array(10) } },
    'y_train is 2 x 5, expected count, count x 1 or one-hot count x 10',
  ],
  [
    'arrays without a name',
    { arr_0: images, arr_1: labels },
    'it holds no x_train, only arr_0.npy, arr_1.npy',
    'unnamed-arrays',
  ],
];

const cases = refused.map(([what, arrays, message, kind]) => ({ what, arrays, message, kind }));

test.each(cases)('an npz archive with $what is refused', async ({ arrays, message, kind }) => {
  await expect(load(arrays)).rejects.toMatchObject({
    code: 'E_NPZ_FORMAT',
    message: `cannot read a.npz: ${message}`,
    ...(kind !== undefined && { kind }),
  });
});
