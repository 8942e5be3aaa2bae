import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadMnist } from '#mnist-dataset-loader';
import { createBatches } from '../src/data/batches.ts';
import { findArchitecture } from '../src/model/architectures.ts';
import { createWeights } from '../src/model/weights.ts';

/** Images a step, for all. */
export const batchSize = 50;
/** Adam's, for all. */
export const learningRate = 0.001;

/**
 * Writes what every worker starts from into a new folder: images and labels as bytes, the first weights as float32 in the
 * order of ours, and the images of each step of an epoch as uint32.
 *
 * @throws DatasetError where `dataDir` lacks MNIST.
 */
export async function writeInputs(dataDir: string): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-bench-'));
  const write = (name: string, values: Uint8Array | Uint32Array | Float32Array) =>
    fs.writeFileSync(path.join(folder, name), values);
  const train = await loadMnist({ dataDir, split: 'train' });
  const test = await loadMnist({ dataDir, split: 'test' });
  write('train-images.bin', train.images);
  write('train-labels.bin', train.labels);
  write('test-images.bin', test.images);
  write('test-labels.bin', test.labels);

  const weights = createWeights(findArchitecture('cnn'), 0);
  write('weights.bin', Float32Array.from(weights.flatMap(({ values }) => [...values])));
  const batches = createBatches({ count: train.count, batchSize, seed: 0, sampling: 'shuffle' });
  const order = new Uint32Array(train.count);
  for (let step = 1; step <= batches.stepsPerEpoch; step++)
    order.set(batches.indicesOf(step), (step - 1) * batchSize);
  write('order.bin', order);
  return folder;
}
