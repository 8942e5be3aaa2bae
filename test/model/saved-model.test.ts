import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { architectureNames } from '../../src/model/architectures.ts';
import { imagesToTensor, predictLogits } from '../../src/model/forward.ts';
import { disposeModel, type Model } from '../../src/model/layers.ts';
import { loadModel, saveModel } from '../../src/model/saved-model.ts';
import { readWeights } from '../../src/model/weights.ts';
import { catchError } from '../support/caught.ts';
import { createFolderForTest, readTree } from '../support/folder.ts';
import { createImages, createMetadata, createModel } from '../support/model.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

afterEach(() => vi.restoreAllMocks());

async function save(model: Model, folder = createFolderForTest()): Promise<string> {
  await saveModel(model, folder, createMetadata(model));
  return folder;
}

describe.each(['tiny', ...architectureNames])('the files of %s', (name) => {
  test('load with the same weights and the same logits', async () => {
    const model = createModel(name);
    const loaded = loadModel(await save(model)).model;
    expect(readWeights(loaded)).toEqual(readWeights(model));
    expect(await predictLogits(loaded, createImages(3))).toEqual(await predictLogits(model, createImages(3)));
    [model, loaded].forEach(disposeModel);
  });

  test('load in stock tfjs, which gives the same logits', async () => {
    const model = createModel(name);
    const stock = await tf.loadLayersModel(`file://${path.join(await save(model), 'model.json')}`);
    const logits = tf.tidy(() => {
      const answer = stock.predict(imagesToTensor(model, createImages(3)));
      return Array.isArray(answer) ? new Float32Array() : answer.dataSync();
    });
    expect(logits).toEqual(await predictLogits(model, createImages(3)));
    stock.dispose();
    disposeModel(model);
  });
});

describe('a saved model', () => {
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

  test('that is no JSON is refused', async () => {
    const folder = await save(createModel());
    fs.writeFileSync(path.join(folder, 'metadata.json'), '{');
    expect(catchError(() => loadModel(folder)).message).toBe('cannot read metadata.json: it is no JSON');
  });
});

describe('a weights path', () => {
  const withPath = async (name: string) => {
    const folder = await save(createModel());
    changeManifest(folder, (group) => ({ ...group, paths: [name] }));
    return folder;
  };

  test.each(['../secret', '/etc/passwd', 'a/b', 'a\\b', '.', '..', '', 'x\0'])(
    '"%s" leaves the model folder, and is not opened',
    async (name) => {
      const folder = await withPath(name);
      const open = vi.spyOn(fs, 'openSync');
      expect(catchError(() => loadModel(folder))).toMatchObject({
        code: 'E_MODEL_PATH',
        message: `cannot read model.json: the weights path "${name.replace('\0', '\\x00')}" leaves the model folder`,
        path: path.join(folder, 'model.json'),
      });
      expect(open.mock.calls.map(([file]) => path.basename(String(file)))).toEqual(['model.json']);
    },
  );

  test('that is a link leaves the model folder, and is not opened', async () => {
    const folder = await withPath('link');
    fs.symlinkSync('/dev/zero', path.join(folder, 'link'));
    const open = vi.spyOn(fs, 'openSync');
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_MODEL_PATH',
      message: 'cannot read model.json: the weights path "link" leaves the model folder',
    });
    expect(open.mock.calls.map(([file]) => path.basename(String(file)))).toEqual(['model.json']);
  });

  test('that is a pipe is not opened, which would wait for ever', async () => {
    const folder = await withPath('pipe');
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    const open = vi.spyOn(fs, 'openSync');
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_MODEL_PATH',
      message: 'cannot read model.json: the weights path "pipe" is no regular file',
    });
    expect(open.mock.calls.map(([file]) => path.basename(String(file)))).toEqual(['model.json']);
  });

  test('of a file that is missing is no input', async () => {
    const folder = await withPath('gone.bin');
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_NO_INPUT',
      message: 'cannot read gone.bin: it does not exist (ENOENT)',
    });
  });

  test('named a thousand times reads no more than the network needs', async () => {
    const folder = await save(createModel());
    changeManifest(folder, (group) => ({ ...group, paths: Array(1000).fill(group.paths[0]) }));
    const read = vi.spyOn(fs, 'readFileSync');
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: 'cannot read the weights: 2,352,000 bytes, expected 2,352',
    });
    expect(read).toHaveBeenCalledOnce();
  });
});

describe('weights', () => {
  test.each([0, 1, 2351, 2353])('of %i bytes are refused with both sizes', async (sizeBytes) => {
    const folder = await save(createModel());
    fs.truncateSync(path.join(folder, weightsFileOf(folder)), sizeBytes);
    expect(catchError(() => loadModel(folder)).message).toBe(
      `cannot read the weights: ${sizeBytes.toLocaleString('en-US')} bytes, expected 2,352`,
    );
  });

  test('with NaN are refused with their place', async () => {
    const folder = await save(createModel());
    const file = path.join(folder, weightsFileOf(folder));
    const bytes = fs.readFileSync(file);
    bytes.writeFloatLE(Number.NaN, 8);
    fs.writeFileSync(file, bytes);
    expect(catchError(() => loadModel(folder)).message).toBe(
      'these are no weights for the network unnamed: conv2d_1/kernel[2] is NaN, expected finite numbers',
    );
  });

  test('in another order are found by their names', async () => {
    const model = createModel();
    const folder = await save(model);
    const [first = new Float32Array(), ...rest] = readWeights(model).map(({ values }) => values);
    const bytes = Buffer.concat([...rest, first].map((values) => Buffer.from(values.buffer)));
    fs.writeFileSync(path.join(folder, weightsFileOf(folder)), bytes);
    changeManifest(folder, ({ paths, weights: [one, ...others] }) => ({ paths, weights: [...others, one] }));
    expect(readWeights(loadModel(folder).model)).toEqual(readWeights(model));
  });

  test.each<[string, (spec: Json) => Json, string]>([
    ['of another type', (spec) => ({ ...spec, dtype: 'int32' }), 'conv2d_1/kernel is not plain float32'],
    [
      'quantized',
      (spec) => ({ ...spec, quantization: { dtype: 'uint8', min: 0, scale: 1 } }),
      'conv2d_1/kernel is not plain float32',
    ],
    ['of another name', (spec) => ({ ...spec, name: 'other' }), 'there is no array conv2d_1/kernel'],
    [
      'of another shape',
      (spec) => ({ ...spec, shape: [5, 5, 2, 1] }),
      'conv2d_1/kernel has shape 5 x 5 x 2 x 1, expected 5 x 5 x 1 x 2',
    ],
  ])('%s are refused', async (_, change, reason) => {
    const folder = await save(createModel());
    changeManifest(folder, ({ paths, weights: [one = {}, ...others] }) => ({
      paths,
      weights: [change(one), ...others],
    }));
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read the weights: ${reason}`,
    });
  });

  test('with one missing are refused', async () => {
    const folder = await save(createModel());
    changeManifest(folder, ({ paths, weights }) => ({ paths, weights: weights.slice(1) }));
    expect(catchError(() => loadModel(folder)).message).toBe('cannot read the weights: 6 arrays, expected 7');
  });
});

describe('a model of another tool', () => {
  test.each([
    ['504b03041400', 'a ZIP file, as PyTorch and Keras write them'],
    ['894844460d0a1a0a', 'an HDF5 file'],
    ['80049528', 'probably a Python pickle'],
    ['00', 'a file'],
    ['', 'a file'],
  ])('that begins with "%s" is named, not read', (hex, kind) => {
    const file = path.join(createFolderForTest(), 'model.x');
    fs.writeFileSync(file, Buffer.from(hex, 'hex'));
    expect(catchError(() => loadModel(file))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read model.x as a model: it is ${kind}, expected a folder with a model.json`,
    });
  });

  test('that is a SavedModel is named, not read', () => {
    const folder = path.join(createFolderForTest(), 'net');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'saved_model.pb'), '');
    expect(catchError(() => loadModel(folder)).message).toBe(
      'cannot read net as a model: it is a SavedModel of TensorFlow, expected a folder with a model.json',
    );
  });
});

describe('model.json', () => {
  test.each<[string, string, string]>([
    ['cut off', '{', 'it is no JSON'],
    ['a list', '[]', 'it: Invalid input: expected object, received array'],
    [
      'without weights',
      '{"modelTopology":{}}',
      'weightsManifest: Invalid input: expected array, received undefined',
    ],
  ])('that is %s is refused', (_, text, reason) => {
    const folder = createFolderForTest();
    fs.writeFileSync(path.join(folder, 'model.json'), text);
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read model.json: ${reason}`,
    });
  });

  test('with __proto__ in it changes nothing that objects inherit', async () => {
    const folder = await save(createModel());
    const file = path.join(folder, 'model.json');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('{', '{"__proto__":{"polluted":1},'));
    loadModel(folder);
    expect('polluted' in {}).toBe(false);
  });

  test('nested 100,000 deep exhausts no stack', () => {
    const folder = createFolderForTest();
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    fs.writeFileSync(path.join(folder, 'model.json'), `{"modelTopology":${deep},"weightsManifest":[]}`);
    expect(catchError(() => loadModel(folder)).code).toBe('E_MODEL_FORMAT');
  });
});

type Json = Readonly<Record<string, unknown>>;
type Group = { readonly paths: readonly string[]; readonly weights: readonly Json[] };

function changeJson(
  folder: string,
  change: (json: Json & { weightsManifest: readonly Group[] }) => object,
): void {
  const file = path.join(folder, 'model.json');
  fs.writeFileSync(file, JSON.stringify(change(JSON.parse(fs.readFileSync(file, 'utf8')))));
}

function changeManifest(folder: string, change: (group: Group) => object): void {
  changeJson(folder, (json) => ({ ...json, weightsManifest: json.weightsManifest.map(change) }));
}

function weightsFileOf(folder: string): string {
  return fs.readdirSync(folder).find((name) => name.endsWith('.bin')) ?? '';
}
