import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { loadIdxFolder } from '../src/dataset.ts';
import { formatIdxHeader } from '../src/idx.ts';
import {
  createImageFile,
  createLabelFile,
  createSmallDatabase,
  sha256,
  writeDatabase,
} from './support/digits.ts';
import { errorOf, failureOf } from './support/errors.ts';
import { createTempFolder } from './support/folder.ts';

const imagesName = 't10k-images-idx3-ubyte';
const labelsName = 't10k-labels-idx1-ubyte';

test("loads a user's own data set, packed", async () => {
  const folder = createTempFolder();
  const database = createSmallDatabase();
  writeDatabase(database, folder);
  const images = database.payloads.get(imagesName) ?? Buffer.of();
  const labels = database.payloads.get(labelsName) ?? Buffer.of();
  expect(await loadIdxFolder({ folder, split: 'test' })).toEqual({
    images: new Uint8Array(images.subarray(16)),
    labels: new Uint8Array(labels.subarray(8)),
    count: 20,
    rows: 28,
    columns: 28,
    sha256: { images: sha256(images), labels: sha256(labels) },
    warnings: [],
  });
});

test('loads a plain data set of 5 images', async () => {
  const folder = createFolder(createImageFile(5), createLabelFile(5));
  expect((await loadIdxFolder({ folder, split: 'test' })).count).toBe(5);
});

test('loads a packed label file shorter than an image header', async () => {
  const folder = createFolder(createImageFile(1), zlib.gzipSync(createLabelFile(1)));
  expect((await loadIdxFolder({ folder, split: 'test' })).labels).toEqual(Uint8Array.of(0));
});

test('warns of classes without an example', async () => {
  const labels = Buffer.concat([formatIdxHeader([3]), Buffer.of(7, 7, 7)]);
  const { warnings } = await loadIdxFolder({
    folder: createFolder(createImageFile(3), labels),
    split: 'test',
  });
  expect(warnings).toEqual(['there is no example of the digits 0, 1, 2, 3, 4, 5, 6, 8, 9 among 3 labels']);
});

const four = [imagesName, labelsName, 'train-images-idx3-ubyte', 'train-labels-idx1-ubyte'] as const;

/** A data set of 20 test and 30 training examples; `place` says where each file goes. */
function lay(place: (name: string) => string): string {
  const folder = createTempFolder();
  const { payloads } = createSmallDatabase();
  for (const name of four) {
    const file = path.join(folder, place(name));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, payloads.get(name) ?? '');
  }
  return folder;
}

const places: readonly (readonly [where: string, place: (name: string) => string])[] = [
  ['with a dot in their names', (name) => name.replace('-idx', '.idx')],
  ['each in a folder of its name', (name) => `${name}/${name}`],
  ['where torchvision puts them', (name) => `MNIST/raw/${name}`],
  ['in raw/', (name) => `raw/${name}`],
  ["under EMNIST's names", (name) => `emnist-digits-${name.replace('t10k', 'test')}`],
  [
    "under QMNIST's names",
    (name) => `qmnist-${name.replace('t10k', 'test').replace('idx1-ubyte', 'idx2-int')}`,
  ],
];

test.each(places)('loads files %s (A26)', async (_, place) => {
  const folder = lay(place);
  const [train, held] = [
    await loadIdxFolder({ folder, split: 'train' }),
    await loadIdxFolder({ folder, split: 'test' }),
  ];
  expect([train.count, held.count, train.warnings, held.warnings]).toEqual([30, 20, [], []]);
});

test("loads QMNIST's test images, packed, with the first of eight columns as their labels", async () => {
  const folder = createTempFolder();
  const labels = Buffer.concat([formatIdxHeader([3, 8]), Buffer.alloc(3 * 8 * 4)]);
  labels[2] = 0x0c;
  [7, 0, 9].forEach((digit, index) => {
    for (let column = 0; column < 8; column++)
      labels.writeInt32BE(column === 0 ? digit : 100 * column, 12 + 32 * index + 4 * column);
  });
  fs.writeFileSync(path.join(folder, 'qmnist-test-labels-idx2-int.gz'), zlib.gzipSync(labels));
  fs.writeFileSync(path.join(folder, 'qmnist-test-images-idx3-ubyte.gz'), zlib.gzipSync(createImageFile(3)));
  expect((await loadIdxFolder({ folder, split: 'test' })).labels).toEqual(Uint8Array.of(7, 0, 9));
});

test("reports that files have EMNIST's names", async () => {
  const folder = lay((name) => `emnist-mnist-${name.replace('t10k', 'test')}`);
  expect((await loadIdxFolder({ folder, split: 'test' })).isNamedEmnist).toBe(true);
});

test('skips folders of the names of files that are there (A26)', async () => {
  const folder = lay((name) => name.replace('-idx', '.idx'));
  for (const name of four) fs.mkdirSync(path.join(folder, name));
  expect((await loadIdxFolder({ folder, split: 'test' })).count).toBe(20);
});

test('skips a broken file for a good one beside it, and says so (A27)', async () => {
  const folder = lay((name) => name);
  fs.writeFileSync(
    path.join(folder, `${imagesName}.gz`),
    zlib.gzipSync(createImageFile(20)).subarray(0, 100),
  );
  expect(await loadIdxFolder({ folder, split: 'test' })).toMatchObject({
    count: 20,
    warnings: [
      `cannot unpack ${imagesName}.gz: the gzip data ends early; ${imagesName} next to it is read instead`,
    ],
  });
});

test('takes no file of another set for one that is missing', async () => {
  const folder = lay((name) => `MNIST/raw/${name}`);
  fs.writeFileSync(path.join(folder, imagesName), createImageFile(20).fill(7, 16));
  const { images } = await loadIdxFolder({ folder, split: 'test' });
  expect(images).toEqual(new Uint8Array(createImageFile(20).subarray(16)));
});

test('names a lone folder under the name of a file (A22)', async () => {
  const folder = createTempFolder();
  fs.mkdirSync(path.join(folder, imagesName));
  expect(await failureOf(() => loadIdxFolder({ folder, split: 'test' }))).toBe(
    `E_NO_INPUT: cannot read ${imagesName}: it is a folder, not a regular file`,
  );
});

test('gives flat images and wide labels the hashes of the usual files', async () => {
  const labels = Buffer.concat(
    [...createLabelFile(20).subarray(8)].map((label) => Buffer.of(0, 0, 0, label)),
  );
  const header = Buffer.from(formatIdxHeader([20]));
  header[2] = 0x0c;
  const flat = Buffer.concat([formatIdxHeader([20, 784]), createImageFile(20).subarray(16)]);
  const { sha256: hashes } = await loadIdxFolder({
    folder: createFolder(flat, Buffer.concat([header, labels])),
    split: 'test',
  });
  expect(hashes).toEqual({ images: sha256(createImageFile(20)), labels: sha256(createLabelFile(20)) });
});

test('says what to do where only training examples are there', async () => {
  const folder = lay((name) => name);
  fs.rmSync(path.join(folder, imagesName));
  fs.rmSync(path.join(folder, labelsName));
  const error = await errorOf(() => loadIdxFolder({ folder, split: 'test' }));
  expect([error.message, error.kind]).toEqual([
    `cannot find ${imagesName}.gz or ${imagesName}: it is not in ${folder}`,
    'no-test',
  ]);
});

test('rejects different counts of images and labels with both', async () => {
  const folder = createFolder(createImageFile(3), createLabelFile(4));
  const error = await errorOf(() => loadIdxFolder({ folder, split: 'test' }));
  expect(error).toMatchObject({ code: 'E_IDX_FORMAT', path: path.join(folder, imagesName) });
  expect(error.message).toBe(`cannot read ${imagesName}: it holds 3 images, but ${labelsName} 4 labels`);
});

test('names the missing file', async () => {
  const folder = createFolder(createImageFile(3), createLabelFile(3));
  fs.unlinkSync(path.join(folder, labelsName));
  expect(await failureOf(() => loadIdxFolder({ folder, split: 'test' }))).toBe(
    `E_NO_INPUT: cannot find ${labelsName}.gz or ${labelsName}: it is not in ${folder}`,
  );
});

test('names the images first where both files are at fault', async () => {
  const folder = createFolder(Buffer.of(), Buffer.of());
  for (let round = 0; round < 20; round++) {
    expect(await failureOf(() => loadIdxFolder({ folder, split: 'test' }))).toBe(
      `E_IDX_FORMAT: cannot read ${imagesName}: it is empty (0 bytes)`,
    );
  }
});

const faults: readonly (readonly [fact: string, images: Buffer, message: string])[] = [
  [
    'packed images of 32 x 32',
    zlib.gzipSync(Buffer.concat([formatIdxHeader([1, 32, 32]), Buffer.alloc(1024)])),
    'E_IDX_FORMAT: cannot read X: found images of 32 x 32, expected 28 x 28',
  ],
  ['packed nothing', zlib.gzipSync(Buffer.of()), 'E_IDX_FORMAT: cannot read X: it is empty (0 bytes)'],
  [
    'packed images with one byte more',
    zlib.gzipSync(Buffer.concat([createImageFile(1), Buffer.of(1)])),
    'E_GZIP: cannot unpack X: it is larger than the expected 800 bytes',
  ],
  [
    'packed images with one byte less',
    zlib.gzipSync(createImageFile(1).subarray(0, 799)),
    'E_IDX_FORMAT: cannot read X: 799 of 800 bytes are there',
  ],
  [
    'packed images twice packed',
    zlib.gzipSync(zlib.gzipSync(createImageFile(1))),
    'E_IDX_FORMAT: cannot read X: it is not an IDX file (its first two bytes are not 0), it looks like gzip',
  ],
  [
    'more images than a memory holds',
    zlib.gzipSync(Buffer.concat([formatIdxHeader([1_000_001, 28, 28]), Buffer.alloc(64)])),
    'E_IDX_FORMAT: cannot read X: it declares 1,000,001 images, at most 1,000,000 are read',
  ],
  [
    'a million images in 64 bytes',
    zlib.gzipSync(Buffer.concat([formatIdxHeader([1_000_000, 28, 28]), Buffer.alloc(64)])),
    'E_IDX_FORMAT: cannot read X: 80 of 784,000,016 bytes are there',
  ],
];

test.each(faults)('rejects %s', async (_, images, message) => {
  const folder = createFolder(images, createLabelFile(1));
  expect(await failureOf(() => loadIdxFolder({ folder, split: 'test' }))).toBe(
    message.replace(' X:', ` ${imagesName}:`),
  );
});

test('shows the control characters of a file name escaped', async () => {
  const folder = path.join(createTempFolder(), 'a\u001b[31mb\n');
  expect(await failureOf(() => loadIdxFolder({ folder, split: 'test' }))).toContain('a\\x1b[31mb\\x0a');
});

function createFolder(images: Buffer, labels: Buffer): string {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, imagesName), images);
  fs.writeFileSync(path.join(folder, labelsName), labels);
  return folder;
}
