import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { loadModel } from '../../src/model/saved-model.ts';
import { readWeights } from '../../src/model/weights.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';
import { createModel } from '../support/model.ts';
import { changeManifest, type Json, save, weightsFileOf } from '../support/model-folder.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

afterEach(() => vi.restoreAllMocks());

describe('a weights path', () => {
  const withPath = async (name: string) => {
    const folder = await save(createModel());
    changeManifest(folder, (group) => ({ ...group, paths: [name] }));
    return folder;
  };

  test.each(['../secret', '/etc/passwd', 'a/b', 'a\\b', '.', '..', '', 'x\0'])(
    '"%s" leaves the model folder, and is not opened (D15)',
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

  test('that is a link leaves the model folder, and is not opened (D15)', async () => {
    const folder = await withPath('link');
    fs.symlinkSync('/dev/zero', path.join(folder, 'link'));
    const open = vi.spyOn(fs, 'openSync');
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_MODEL_PATH',
      message: 'cannot read model.json: the weights path "link" leaves the model folder',
    });
    expect(open.mock.calls.map(([file]) => path.basename(String(file)))).toEqual(['model.json']);
  });

  test('that is a pipe is not opened, which would wait forever (D15)', async () => {
    const folder = await withPath('pipe');
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    const open = vi.spyOn(fs, 'openSync');
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_MODEL_PATH',
      message: 'cannot read model.json: the weights path "pipe" is not a regular file',
    });
    expect(open.mock.calls.map(([file]) => path.basename(String(file)))).toEqual(['model.json']);
  });

  test('of a missing file is a missing input', async () => {
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

  test('with NaN are refused with their place (D13)', async () => {
    const folder = await save(createModel());
    const bytes = takeWeights(folder);
    bytes.writeFloatLE(Number.NaN, 8);
    fs.writeFileSync(path.join(folder, 'weights.bin'), bytes);
    expect(catchError(() => loadModel(folder)).message).toBe(
      'these are not weights for the network unnamed: conv2d_1/kernel[2] is NaN, expected finite numbers',
    );
  });

  test('that we have saved are refused where their hash is not the one in the name of their file (D3)', async () => {
    const folder = await save(createModel());
    const name = weightsFileOf(folder);
    const file = path.join(folder, name);
    const bytes = fs.readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    fs.writeFileSync(file, bytes);
    const { code, message, path: place } = catchError(() => loadModel(folder));
    expect([code, place]).toEqual(['E_CHECKSUM', file]);
    expect(message).toMatch(
      new RegExp(
        `^cannot read ${name}: its SHA-256 begins with [0-9a-f]{12}, not with ${name.slice(8, 20)} as when it was saved$`,
      ),
    );
  });

  test('in another order are found by their names', async () => {
    const model = createModel();
    const folder = await save(model);
    takeWeights(folder);
    const [first = new Float32Array(), ...rest] = readWeights(model).map(({ values }) => values);
    const bytes = Buffer.concat([...rest, first].map((values) => Buffer.from(values.buffer)));
    fs.writeFileSync(path.join(folder, 'weights.bin'), bytes);
    changeManifest(folder, ({ paths, weights: [one, ...others] }) => ({ paths, weights: [...others, one] }));
    expect(readWeights(loadModel(folder).model)).toEqual(readWeights(model));
  });

  test.each<[string, (spec: Json) => Json, string]>([
    [
      'of another type',
      (spec) => ({ ...spec, dtype: 'int32' }),
      'conv2d_1/kernel is int32, expected float32',
    ],
    [
      'quantized',
      (spec) => ({ ...spec, quantization: { dtype: 'uint8', min: 0, scale: 1 } }),
      'conv2d_1/kernel is quantized, expected plain float32',
    ],
    ['of another name', (spec) => ({ ...spec, name: 'other' }), 'it lacks the array conv2d_1/kernel'],
    [
      'of another shape',
      (spec) => ({ ...spec, shape: [5, 5, 2, 1] }),
      'conv2d_1/kernel has shape 5 x 5 x 2 x 1, expected 5 x 5 x 1 x 2',
    ],
  ])('%s are refused (D10, D11)', async (_, change, reason) => {
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

  test('with one missing are refused (D11)', async () => {
    const folder = await save(createModel());
    changeManifest(folder, ({ paths, weights }) => ({ paths, weights: weights.slice(1) }));
    expect(catchError(() => loadModel(folder)).message).toBe('cannot read the weights: 6 arrays, expected 7');
  });
});

describe('model.json', () => {
  test.each<[string, string, string]>([
    ['cut off', '{', 'it is not JSON'],
    ['a list', '[]', 'it: Invalid input: expected object, received array'],
    [
      'without weights',
      '{"modelTopology":{}}',
      'weightsManifest: Invalid input: expected array, received undefined',
    ],
  ])('that is %s is refused', (_, text, reason) => {
    const folder = createTempFolder();
    fs.writeFileSync(path.join(folder, 'model.json'), text);
    expect(catchError(() => loadModel(folder))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read model.json: ${reason}`,
    });
  });

  test('with __proto__ in it changes nothing that objects inherit (D12)', async () => {
    const folder = await save(createModel());
    const file = path.join(folder, 'model.json');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('{', '{"__proto__":{"polluted":1},'));
    loadModel(folder);
    expect('polluted' in {}).toBe(false);
  });

  test('nested 100,000 deep exhausts no stack (D12)', () => {
    const folder = createTempFolder();
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    fs.writeFileSync(path.join(folder, 'model.json'), `{"modelTopology":${deep},"weightsManifest":[]}`);
    expect(catchError(() => loadModel(folder)).code).toBe('E_MODEL_FORMAT');
  });
});

/** Takes the bytes of a model's weights out of its folder, which names `weights.bin` for them then, as other tools do. */
function takeWeights(folder: string): Buffer {
  const file = path.join(folder, weightsFileOf(folder));
  const bytes = fs.readFileSync(file);
  fs.rmSync(file);
  changeManifest(folder, (group) => ({ ...group, paths: ['weights.bin'] }));
  return bytes;
}
