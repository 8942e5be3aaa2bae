import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { architectureNames } from '../../src/model/architectures.ts';
import { imagesToTensor, predictLogits } from '../../src/model/forward.ts';
import { disposeModel, type Model } from '../../src/model/model.ts';
import { loadModel } from '../../src/model/saved-model.ts';
import { readWeights } from '../../src/model/weights.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { createImages, createMetadata, createModel } from '../support/model.ts';
import { changeJson, save } from '../support/model-folder.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

afterEach(() => vi.restoreAllMocks());

describe.each(['tiny', ...architectureNames])('the files of %s', (name) => {
  test('load with the same weights and the same logits', async () => {
    const model = createModel(name);
    const loaded = loadModel(await save(model)).model;
    expect(digestOf(loaded)).toBe(digestOf(model));
    expect(await predictLogits(loaded, createImages(4))).toEqual(await predictLogits(model, createImages(4)));
    [model, loaded].forEach(disposeModel);
  });

  test('load in stock tfjs, which gives the same logits', async () => {
    const model = createModel(name, 3, 'stock');
    const stock = await tf.loadLayersModel(`file://${path.join(await save(model), 'model.json')}`);
    const logits = tf.tidy(() => {
      const answer = stock.predict(imagesToTensor(model, createImages(4)));
      return Array.isArray(answer) ? new Float32Array() : answer.dataSync();
    });
    expect(logits).toEqual(await predictLogits(model, createImages(4)));
    stock.dispose();
    disposeModel(model);
  });
});

describe('a saved model', () => {
  test('is whole where the folder cannot be searched for earlier weights', async () => {
    const [first, second] = [createModel('tiny', 1), createModel('tiny', 2)];
    const folder = await save(first);
    const failing = vi.spyOn(fs, 'readdirSync').mockImplementation(() => {
      throw Object.assign(new Error('as a test wants it'), { code: 'EIO' });
    });
    await save(second, folder);
    expect(failing).toHaveBeenCalled();
    vi.restoreAllMocks();
    expect(readWeights(loadModel(folder).model)).toEqual(readWeights(second));
  });

  test('is model.json, one weights file named by its hash, and metadata.json', async () => {
    const names = fs.readdirSync(await save(createModel()));
    expect(names).toEqual([
      'metadata.json',
      'model.json',
      expect.stringMatching(/^weights-[0-9a-f]{12}\.bin$/),
    ]);
  });

  test('comes back with its metadata', async () => {
    const model = createModel();
    const { metadata } = loadModel(await save(model));
    expect(metadata).toMatchObject(createMetadata(model));
  });

  test('comes back with its name and its pixels', async () => {
    const { architecture } = loadModel(await save(createModel('conv3x3'))).model;
    expect([architecture.name, architecture.pixels]).toMatchObject([
      'conv3x3',
      { scale: 1 / 255, offset: -0.5 },
    ]);
  });

  test('is the same bytes each time', async () => {
    const model = createModel();
    expect(readTree(await save(model))).toEqual(readTree(await save(model)));
  });

  test('replaces an earlier one and leaves no weights of it', async () => {
    const folder = await save(createModel('tiny', 1));
    const second = createModel('tiny', 2);
    await save(second, folder);
    expect([fs.readdirSync(folder).length, readWeights(loadModel(folder).model)]).toEqual([
      3,
      readWeights(second),
    ]);
  });

  test('leaves no tensor behind', async () => {
    const model = createModel();
    const folder = await save(model);
    const before = tf.memory().numTensors;
    await save(model, folder);
    disposeModel(loadModel(folder).model);
    expect(tf.memory().numTensors).toBe(before);
  });

  const steps = ['writeSync', 'fsyncSync', 'renameSync'] as const;

  test.each(steps.flatMap((step) => [1, 2, 3].map((turn) => [step, turn] as const)))(
    'stands, old or new, with its metadata, where %s fails at turn %i',
    async (step, turn) => {
      const [first, second] = [createModel('tiny', 1), createModel('tiny', 2)];
      const folder = await save(first);
      const original = fs[step] as (...values: unknown[]) => unknown;
      let turns = 0;
      vi.spyOn(fs, step).mockImplementation((...values: unknown[]): never => {
        if (++turns === turn) throw Object.assign(new Error('as a test wants it'), { code: 'ENOSPC' });
        return original(...values) as never;
      });
      await expect(save(second, folder)).rejects.toMatchObject({ code: 'E_DISK_FULL' });
      vi.restoreAllMocks();
      const { model, metadata } = loadModel(folder);
      const candidates = [readWeights(first), readWeights(second)];
      expect(candidates).toContainEqual(readWeights(model));
      expect(metadata).toMatchObject(createMetadata(first));
      expect(fs.readdirSync(folder).filter((name) => name.includes('.tmp-'))).toEqual([]);
    },
  );
});

describe('metadata', () => {
  test('that is missing is found in model.json', async () => {
    const folder = await save(createModel());
    fs.rmSync(path.join(folder, 'metadata.json'));
    expect(loadModel(folder).metadata?.architecture).toBe('tiny');
  });

  test('of other weights does not count', async () => {
    const folder = await save(createModel('tiny', 1));
    const other = await save(createModel('conv3x3', 2));
    fs.copyFileSync(path.join(other, 'metadata.json'), path.join(folder, 'metadata.json'));
    expect(loadModel(folder).metadata?.architecture).toBe('tiny');
  });

  test('that a model of another tool lacks is none, and pixels count from 0 to 1', async () => {
    const folder = await save(createModel());
    fs.rmSync(path.join(folder, 'metadata.json'));
    changeJson(folder, (json) => ({ ...json, userDefinedMetadata: { author: 'somebody' } }));
    const { model, metadata } = loadModel(folder);
    expect([metadata, model.architecture.name, model.architecture.pixels]).toEqual([
      undefined,
      'unnamed',
      { scale: 1 / 255, offset: 0 },
    ]);
  });

  test('that is not JSON is refused', async () => {
    const folder = await save(createModel());
    fs.writeFileSync(path.join(folder, 'metadata.json'), '{');
    expect(catchError(() => loadModel(folder)).message).toBe('cannot read metadata.json: it is not JSON');
  });
});

describe('a model of another tool', () => {
  test.each([
    ['504b03041400', 'a ZIP file, as PyTorch and Keras write them'],
    ['894844460d0a1a0a', 'an HDF5 file'],
    ['80049528', 'probably a Python pickle'],
    ['00', 'a file'],
    ['', 'a file'],
  ])('that begins with "%s" is named, not read (D16)', (hex, kind) => {
    const file = path.join(createTempFolder(), 'model.x');
    fs.writeFileSync(file, Buffer.from(hex, 'hex'));
    expect(catchError(() => loadModel(file))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read model.x as a model: it is ${kind}, expected a folder with a model.json`,
    });
  });

  test('that is a SavedModel is named, not read (D16)', () => {
    const folder = path.join(createTempFolder(), 'net');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'saved_model.pb'), '');
    expect(catchError(() => loadModel(folder)).message).toBe(
      'cannot read net as a model: it is a SavedModel of TensorFlow, expected a folder with a model.json',
    );
  });
});

/** A hash in place of millions of numbers, which would take seconds to compare one by one. */
function digestOf(model: Model): string {
  const hash = createHash('sha256');
  for (const { name, shape, values } of readWeights(model)) {
    hash.update(`${name} ${shape.join('x')}`).update(new Uint8Array(values.buffer));
  }
  return hash.digest('hex');
}
