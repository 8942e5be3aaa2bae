import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadMnist } from '../src/dataset.ts';
import { loadPinned } from '../src/payload.ts';
import { mnistFiles } from '../src/sources.ts';
import { withByte } from './support/digits.ts';
import { errorOf } from './support/errors.ts';
import { createTempFolder } from './support/folder.ts';

const folder = new URL('../../../../shared/mnist', import.meta.url).pathname;
const isMissing = !fs.existsSync(folder);
const note = isMissing ? ' (skipped: the real database is not beside the checkout)' : '';

test.skipIf(isMissing)(`loads the 60,000 training images${note}`, async () => {
  const { images, labels, count } = await loadMnist({ dataDir: folder, split: 'train' });
  expect({ count, pixels: images.length, first: [...labels.subarray(0, 5)] }).toEqual({
    count: 60_000,
    pixels: 47_040_000,
    first: [5, 0, 4, 1, 9],
  });
});

test.skipIf(isMissing)(`loads the 10,000 test images with their mean brightness${note}`, async () => {
  const { images, labels } = await loadMnist({ dataDir: folder, split: 'test' });
  const mean = images.reduce((sum, pixel) => sum + pixel, 0) / images.length / 255;
  expect(mean).toBeCloseTo(0.1325, 4);
  expect([...labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
});

test.skipIf(isMissing)(`gives the published hashes of what it loaded${note}`, async () => {
  const { sha256 } = await loadMnist({ dataDir: folder, split: 'test' });
  expect(sha256).toEqual({ images: mnistFiles[2]?.sha256, labels: mnistFiles[3]?.sha256 });
});

test.skipIf(isMissing)(`notices one pixel changed by 1${note}`, async () => {
  const source = mnistFiles[2];
  if (source === undefined) throw new Error('the table has four files');
  const { bytes } = loadPinned(path.join(folder, `${source.name}.gz`), source);
  const copy = createTempFolder();
  const index = 4_000_000;
  fs.writeFileSync(path.join(copy, source.name), withByte(bytes, index, (bytes[index] ?? 0) ^ 1));
  fs.copyFileSync(
    path.join(folder, 't10k-labels-idx1-ubyte.gz'),
    path.join(copy, 't10k-labels-idx1-ubyte.gz'),
  );
  const error = await errorOf(() => loadMnist({ dataDir: copy, split: 'test' }));
  expect(error).toMatchObject({ code: 'E_CHECKSUM', expected: source.sha256 });
});

test.skipIf(isMissing)(`refuses the test images under the names of the training images${note}`, async () => {
  const copy = createTempFolder();
  for (const content of ['images-idx3', 'labels-idx1']) {
    fs.copyFileSync(
      path.join(folder, `t10k-${content}-ubyte.gz`),
      path.join(copy, `train-${content}-ubyte.gz`),
    );
  }
  const error = await errorOf(() => loadMnist({ dataDir: copy, split: 'train' }));
  expect(error.message).toBe(
    'cannot read train-images-idx3-ubyte.gz: it declares 10,000 images, expected 60,000',
  );
});
