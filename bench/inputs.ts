import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadMnist } from '#mnist-dataset-loader';
import { createBatches } from '../src/data/batches.ts';
import { createPairs } from '../src/data/pairs.ts';
import type { Examples } from '../src/data/split.ts';
import { type Architecture, findArchitecture, taskOf } from '../src/model/architectures.ts';
import { followShapes } from '../src/model/shapes.ts';
import { createWeights } from '../src/model/weights.ts';

/** Images a step, for all. */
export const batchSize = 50;
/** Adam's, for all. */
export const learningRate = 0.001;

/**
 * Writes what every worker starts from into a new folder: the network, images and labels as bytes, the first weights as
 * float32 in the order of ours, and the images of each step of an epoch as uint32.
 *
 * @throws DatasetError where `dataDir` lacks MNIST.
 */
export async function writeInputs(
  dataDir: string,
  architecture: Architecture = findArchitecture('cnn'),
): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-bench-'));
  const write = (name: string, values: Uint8Array | Uint32Array | Float32Array) =>
    fs.writeFileSync(path.join(folder, name), values);
  const load = async (split: 'train' | 'test'): Promise<Examples> => {
    const digits = await loadMnist({ dataDir, split });
    return architecture.task === 'sum' ? createPairs(digits, 0) : digits;
  };
  const [train, test] = [await load('train'), await load('test')];
  write('train-images.bin', train.images);
  write('train-labels.bin', train.labels);
  write('test-images.bin', test.images);
  write('test-labels.bin', test.labels);

  writeNetwork(folder, architecture);
  const weights = createWeights(architecture, 0);
  write('weights.bin', Float32Array.from(weights.flatMap(({ values }) => [...values])));
  const batches = createBatches({ count: train.count, batchSize, seed: 0, sampling: 'shuffle' });
  const order = new Uint32Array(train.count);
  for (let step = 1; step <= batches.stepsPerEpoch; step++)
    order.set(batches.indicesOf(step), (step - 1) * batchSize);
  write('order.bin', order);
  return folder;
}

/** Writes the network as `network.json` into a folder: the architecture, the shape of its input, and `followShapes`. */
export function writeNetwork(folder: string, architecture: Architecture): void {
  const { inputShape } = taskOf(architecture);
  const description = { architecture, inputShape, shapes: followShapes(architecture) };
  fs.writeFileSync(path.join(folder, 'network.json'), JSON.stringify(description));
}
