import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { encodeTensorFile } from '../../src/core/tensor-file.ts';
import { buildModel } from '../../src/model/model.ts';
import { readWeights } from '../../src/model/weights.ts';
import { loadWeights, saveWeights } from '../../src/model/weights-file.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';
import { createModel, tiny } from '../support/model.ts';
import { sealChanged } from '../support/sealed-file.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

const write = (bytes: Uint8Array) => {
  const file = path.join(createTempFolder(), 'x.weights');
  fs.writeFileSync(file, bytes);
  return file;
};
const refusal = (file: string) => catchError(() => loadWeights(buildModel(tiny), file));

test('weights come back bit for bit from their file, whose folder is made', () => {
  const [model, other] = [createModel(), buildModel(tiny)];
  const file = path.join(createTempFolder(), 'new', 'x.weights');
  saveWeights(model, file);
  loadWeights(other, file);
  expect(readWeights(other)).toEqual(readWeights(model));
});

test('weights of another network are refused with the file (D11)', () => {
  const file = path.join(createTempFolder(), 'x.weights');
  saveWeights(createModel('cnn'), file);
  expect(refusal(file)).toMatchObject({
    code: 'E_MODEL_FORMAT',
    message:
      'these are not weights for the network tiny: expected conv2d_1/kernel, conv2d_1/bias, conv2d_2/kernel, ' +
      'dense_1/kernel, dense_1/bias, dense_2/kernel, dense_2/bias, found conv2d_1/kernel, conv2d_1/bias, ' +
      'conv2d_2/kernel, conv2d_2/bias, dense_1/kernel, dense_1/bias',
    path: file,
  });
});

test('a checkpoint is not a weights file', () => {
  const file = write(encodeTensorFile({ header: { kind: 'checkpoint' }, arrays: [] }));
  expect(refusal(file)).toMatchObject({
    code: 'E_MODEL_FORMAT',
    message: 'cannot read x.weights: it is not a weights file',
    path: file,
  });
});

test.each([
  ['504b03041400', 'a ZIP file, as PyTorch and Keras write them'],
  ['894844460d0a1a0a', 'an HDF5 file'],
  ['80049528', 'probably a Python pickle'],
])('a file that begins with %s is named, not read (D16)', (hex, kind) => {
  const file = write(Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(100)]));
  expect(refusal(file)).toMatchObject({
    code: 'E_MODEL_FORMAT',
    message: `cannot read x.weights: it is not a file of this tool, but ${kind}`,
  });
});

test('weights of a newer version are left alone (D17)', () => {
  const bytes = sealChanged({ header: { kind: 'weights' }, arrays: [] }, (file) => file.writeUInt32LE(2, 8));
  const file = write(bytes);
  expect(refusal(file).message).toBe(
    'cannot read x.weights: it has format version 2, but this tool reads up to 1',
  );
  expect(fs.readFileSync(file).equals(bytes)).toBe(true);
});

test('a missing weights file is a missing input', () => {
  expect(refusal(path.join(createTempFolder(), 'x.weights'))).toMatchObject({
    code: 'E_NO_INPUT',
    message: 'cannot read x.weights: it does not exist (ENOENT)',
  });
});
