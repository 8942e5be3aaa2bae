import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DataOptions, loadExamples, syntheticCounts } from '../../src/data/load-examples.ts';
import { createTempFolder } from '../support/folder.ts';

const options = (given: Partial<DataOptions>): DataOptions => ({
  dataset: 'mnist',
  dataDir: createTempFolder(),
  mirror: [],
  offline: true,
  ...given,
});
const names = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

describe('drawn digits', () => {
  test('are 12,000 to train on and 2,000 to test by, with hashes of their own', async () => {
    const { train, test: held } = await loadExamples(options({ dataset: 'synthetic' }));
    expect([train.count, held.count, train.sha256 === held.sha256]).toEqual([
      syntheticCounts.train,
      syntheticCounts.test,
      false,
    ]);
  });
});

describe('a folder of IDX files', () => {
  test('is loaded without the pinned hashes of MNIST', async () => {
    const folder = writeIdxFolder();
    const { train, test: held } = await loadExamples(options({ dataset: folder }));
    expect([train.count, [...train.labels], held.count, held.images.length]).toEqual([3, [0, 1, 2], 2, 1568]);
  });

  test('is distinguished from another by the hash of its pixels and labels', async () => {
    const folder = writeIdxFolder();
    const before = await loadExamples(options({ dataset: folder }));
    fs.writeFileSync(path.join(folder, names.trainLabels), idx([3], Uint8Array.of(0, 1, 9)));
    const after = await loadExamples(options({ dataset: folder }));
    expect([after.train.sha256 === before.train.sha256, after.test.sha256]).toEqual([
      false,
      before.test.sha256,
    ]);
  });

  test('has the hash of the hashes of images and labels', async () => {
    const { train } = await loadExamples(options({ dataset: writeIdxFolder() }));
    const hash = (...parts: readonly (string | Uint8Array)[]) =>
      createHash('sha256').update(parts.map(String).join('')).digest('hex');
    const ofBytes = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const images = idx([3, 28, 28], new Uint8Array(3 * 784).fill(7));
    expect(train.sha256).toBe(hash(ofBytes(images), ofBytes(idx([3], Uint8Array.of(0, 1, 2)))));
  });

  test('with digits missing is loaded with a warning for each split', async () => {
    const { warnings } = await loadExamples(options({ dataset: writeIdxFolder() }));
    expect(warnings.slice(0, 2)).toEqual([
      { message: 'there is no example of the digits 3, 4, 5, 6, 7, 8, 9 among 3 labels' },
      { message: 'there is no example of the digits 0, 1, 2, 5, 6, 7, 8, 9 among 2 labels' },
    ]);
  });

  test('is other data where its images are transposed', async () => {
    const dataset = writeIdxFolder();
    const [given, turned] = [
      await loadExamples(options({ dataset })),
      await loadExamples(options({ dataset, transpose: true })),
    ];
    const again = await loadExamples(options({ dataset, transpose: true }));
    expect([turned.train.sha256 === given.train.sha256, again.test.sha256]).toEqual([
      false,
      turned.test.sha256,
    ]);
  });

  test('without its files is a missing input', async () => {
    await expect(loadExamples(options({ dataset: createTempFolder() }))).rejects.toMatchObject({
      code: 'E_NO_INPUT',
    });
  });
});

describe('a folder of pictures', () => {
  const pictures = {
    train: { images: new Uint8Array(3 * 784).fill(7), labels: Uint8Array.of(0, 1, 2) },
    test: { images: new Uint8Array(2 * 784).fill(9), labels: Uint8Array.of(3, 4) },
    warnings: ['odd'],
    notes: ['split'],
  };
  const makeFolder = () => {
    const folder = createTempFolder();
    fs.mkdirSync(path.join(folder, '3'));
    return folder;
  };

  test('has the hashes that IDX files of its images would have', async () => {
    const loadPictures = async () => pictures;
    const dataset = makeFolder();
    const [own, files] = [
      await loadExamples(options({ dataset }), { loadPictures }),
      await loadExamples(options({ dataset: writeIdxFolder() })),
    ];
    expect([own.train.sha256, own.test.sha256]).toEqual([files.train.sha256, files.test.sha256]);
  });

  test('is inspected as other data, with warnings and notes of its own', async () => {
    const { warnings, notes } = await loadExamples(options({ dataset: makeFolder(), transpose: true }), {
      loadPictures: async () => pictures,
    });
    expect([notes, warnings.slice(0, 2), warnings.length > 3]).toEqual([
      ['split'],
      [
        { message: 'odd' },
        { message: 'there is no example of the digits 3, 4, 5, 6, 7, 8, 9 among 3 labels' },
      ],
      true,
    ]);
  });

  test('is refused where nothing decodes them', async () => {
    await expect(loadExamples(options({ dataset: makeFolder() }))).rejects.toMatchObject({
      code: 'E_DATA_KIND',
      kind: 'pictures',
    });
  });
});

describe('MNIST', () => {
  test('that does not exist is a missing input when offline', async () => {
    await expect(loadExamples(options({}))).rejects.toMatchObject({ code: 'E_NO_INPUT' });
  });

  test('is not fetched from a folder without it', async () => {
    const mirror = [createTempFolder()];
    await expect(loadExamples(options({ mirror, offline: false }))).rejects.toMatchObject({
      code: 'E_NETWORK',
    });
  });

  test('files that are other data are not trained on when offline', async () => {
    await expect(loadExamples(options({ dataDir: writeIdxFolder() }))).rejects.toMatchObject({
      code: 'E_IDX_FORMAT',
      message: 'cannot read train-images-idx3-ubyte: it declares 3 images, expected 60,000',
    });
  });
});

test('an archive that is missing is a missing input', async () => {
  const dataset = path.join(createTempFolder(), 'mnist.NPZ');
  await expect(loadExamples(options({ dataset }))).rejects.toMatchObject({ code: 'E_NO_INPUT' });
});

function writeIdxFolder(): string {
  const folder = createTempFolder();
  const write = (name: string, bytes: Uint8Array) => fs.writeFileSync(path.join(folder, name), bytes);
  write(names.trainImages, idx([3, 28, 28], new Uint8Array(3 * 784).fill(7)));
  write(names.trainLabels, idx([3], Uint8Array.of(0, 1, 2)));
  write(names.testImages, idx([2, 28, 28], new Uint8Array(2 * 784).fill(9)));
  write(names.testLabels, idx([2], Uint8Array.of(3, 4)));
  return folder;
}

/** An IDX file of unsigned bytes. */
function idx(shape: readonly number[], body: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + shape.length * 4);
  header.writeUInt8(8, 2);
  header.writeUInt8(shape.length, 3);
  shape.forEach((size, index) => header.writeUInt32BE(size, 4 + index * 4));
  return Buffer.concat([header, body]);
}
