import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { createOwnDataset } from '../src/dataset.ts';
import { loadOwnData } from '../src/own-data.ts';
import { createImageFile, createSmallDatabase, writeDatabase } from './support/digits.ts';
import { errorOf } from './support/errors.ts';
import { createTempFolder } from './support/folder.ts';

const csv = Buffer.from('label,pixel0,pixel1\n5,0,0\n');
const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const tar = Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar'), Buffer.alloc(250)]);
const local = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(22), Buffer.of(5, 0, 0, 0)]);
const zip = Buffer.concat([local, Buffer.from('a.csv')]);

const files: readonly (readonly [name: string, bytes: Uint8Array, kind: string, noun: string])[] = [
  ['train.csv', csv, 'csv', 'a CSV file'],
  ['train.txt', Buffer.from('5,0,0,0,0\n7,0,0,0,0\n'), 'csv', 'a CSV file'],
  ['train.csv.gz', zlib.gzipSync(csv), 'csv', 'a CSV file'],
  ['mnist.pkl.gz', zlib.gzipSync(Buffer.from('\x80\x04\x95', 'latin1')), 'pickle', 'a Python pickle'],
  ['mnist.pickle', Buffer.from('(lp0'), 'pickle', 'a Python pickle'],
  ['train.parquet', Buffer.from('PAR1'), 'parquet', 'a Parquet file'],
  ['mnist.mat', Buffer.from('MATLAB 5.0 MAT-file'), 'matlab', 'a MATLAB file'],
  ['mnist.mat', Buffer.from('\x89HDF\r\n', 'latin1'), 'matlab', 'a MATLAB file'],
  ['usps.h5', Buffer.from('\x89HDF\r\n', 'latin1'), 'hdf5', 'an HDF5 file'],
  ['x_train.npy', Buffer.from('\x93NUMPY\x01', 'latin1'), 'npy', 'a NumPy array'],
  ['archive.zip', zip, 'zip', 'a ZIP archive'],
  ['mnist.tar.gz', zlib.gzipSync(tar), 'tar', 'a tar archive'],
  ['mnist.tar', tar, 'tar', 'a tar archive'],
  ['train-images-idx3-ubyte', createImageFile(1), 'idx', 'one IDX file'],
  ['train-images-idx3-ubyte.gz', zlib.gzipSync(createImageFile(1)), 'idx', 'one IDX file'],
  ['seven.png', png, 'picture', 'a picture'],
  ['notes', Buffer.of(200, 201), 'other', 'of an unknown kind'],
  ['empty', Buffer.of(), 'other', 'of an unknown kind'],
];

test.each(files)('reports that %s is another kind of data (A28)', async (name, bytes, kind, noun) => {
  const file = path.join(createTempFolder(), name);
  fs.writeFileSync(file, bytes);
  const error = await errorOf(() => loadOwnData({ path: file, split: 'train' }));
  expect([error.code, error.message, error.kind, error.path]).toEqual([
    'E_DATA_KIND',
    `cannot read ${name} as data: it is ${noun}, expected a folder of IDX files or a NumPy archive (*.npz)`,
    kind,
    file,
  ]);
});

const folders: readonly (readonly [file: string, kind: string, found: string])[] = [
  ['train.csv', 'csv', 'it holds train.csv, a CSV file'],
  ['train.parquet', 'parquet', 'it holds train.parquet, a Parquet file'],
  ['mnist.npz', 'npz', 'it holds mnist.npz, a NumPy archive'],
  ['train/7/1.png', 'pictures', 'it is a folder of pictures'],
  ['7/1.png', 'pictures', 'it is a folder of pictures'],
];

test.each(folders)('reports what a folder with %s is (A28)', async (name, kind, found) => {
  const folder = path.join(createTempFolder(), 'data');
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, '');
  const error = await errorOf(() => loadOwnData({ path: folder, split: 'train' }));
  expect([error.message, error.kind]).toEqual([
    `cannot read data as data: ${found}, expected a folder of IDX files or a NumPy archive (*.npz)`,
    kind,
  ]);
});

test.each(['digits', 'FashionMNIST/raw'])(
  'names the folder %s deeper inside that holds a data set',
  async (inner) => {
    const folder = createTempFolder();
    fs.mkdirSync(path.join(folder, inner), { recursive: true });
    writeDatabase(createSmallDatabase(), path.join(folder, inner));
    const error = await errorOf(() => loadOwnData({ path: folder, split: 'train' }));
    expect([error.kind, error.path]).toEqual(['folder', path.join(folder, inner.split('/')[0] ?? '')]);
  },
);

test('makes of images and labels the data set that IDX files of them hold', async () => {
  const folder = createTempFolder();
  writeDatabase(createSmallDatabase(), folder);
  const loaded = await loadOwnData({ path: folder, split: 'train' });
  expect(createOwnDataset(loaded)).toEqual(loaded);
});

test('refuses to make a data set of other labels than images', () => {
  const given = { images: new Uint8Array(784), labels: Uint8Array.of(1, 2) };
  expect(() => createOwnDataset(given)).toThrow(
    'cannot read the images: it holds 1 images, but the labels 2 labels',
  );
});

test('takes an archive of arrays for one whatever its name', async () => {
  const file = path.join(createTempFolder(), 'mnist.zip');
  fs.copyFileSync(new URL('fixtures/packed.npz', import.meta.url), file);
  expect((await loadOwnData({ path: file, split: 'train' })).count).toBe(20);
});
