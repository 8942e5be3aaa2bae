import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow } from '../src/backend/tf.ts';
import { resolveOptions } from '../src/config/resolve.ts';
import { trainOptions } from '../src/config/train-options.ts';
import { createTestPairs } from '../src/data/pairs.ts';
import { takeRange } from '../src/data/split.ts';
import { createSyntheticDigits } from '../src/data/synthetic.ts';
import { evaluateModel } from '../src/evaluate/evaluate.ts';
import { restoreArchitecture } from '../src/model/architecture-file.ts';
import { findArchitecture } from '../src/model/architectures.ts';
import { predictLogits } from '../src/model/forward.ts';
import { trustOf } from '../src/model/metadata.ts';
import { buildModel } from '../src/model/model.ts';
import { loadModel } from '../src/model/saved-model.ts';
import { readWeights } from '../src/model/weights.ts';
import { loadWeights } from '../src/model/weights-file.ts';
import { loadNewestCheckpoint } from '../src/run/checkpoint.ts';
import { readMetricsLog } from '../src/run/metrics-log.ts';
import { asOptionSource, readRunConfig } from '../src/run/run-config.ts';
import { createOptimizer } from '../src/train/stock-stepper.ts';
import { createTempFolder } from './support/folder.ts';

const golden = fileURLToPath(new URL('golden/', import.meta.url));
const copy = (name: string, as: string) => {
  const folder = createTempFolder();
  fs.copyFileSync(path.join(golden, name), path.join(folder, as));
  return folder;
};

beforeAll(async () => {
  await loadTensorFlow();
});

describe('version 1 of', () => {
  test('a checkpoint is read, its weights those of the model that was saved with it (D18)', () => {
    const { state, skipped } = loadNewestCheckpoint(copy('checkpoint-v1.ckpt', 'step-000020.ckpt'));
    expect([state.step, state.elapsedMs, state.best, skipped]).toEqual([
      20,
      395,
      { loss: 1.853086912512024, accuracy: 0.57, step: 20 },
      [],
    ]);
    expect(state.weights).toEqual(readWeights(loadModel(path.join(golden, 'model-v1')).model));
  });

  test('a checkpoint holds an optimizer that can continue', () => {
    const { state } = loadNewestCheckpoint(copy('checkpoint-v1.ckpt', 'step-000020.ckpt'));
    const optimizer = createOptimizer('adam', buildModel(findArchitecture('conv3x3')));
    optimizer.restore(state.optimizer);
    expect(optimizer.capture()).toEqual(state.optimizer);
  });

  test('a weights file is read, its weights those of the model that was saved with it (D18)', () => {
    const model = buildModel(findArchitecture('conv3x3'));
    loadWeights(model, path.join(golden, 'weights-v1.weights'));
    expect(readWeights(model)).toEqual(readWeights(loadModel(path.join(golden, 'model-v1')).model));
  });

  test('a model folder is read with its metadata (D18)', () => {
    const { model, metadata } = loadModel(path.join(golden, 'model-v1'));
    expect([model.architecture.name, model.architecture.pixels.offset, metadata?.trained.steps]).toEqual([
      'conv3x3',
      -0.5,
      20,
    ]);
  });

  test('a model without a calibration is trusted as it is (D18)', () => {
    const { metadata } = loadModel(path.join(golden, 'model-v1'));
    expect(trustOf(metadata)).toEqual({ temperature: 1, floor: undefined });
  });

  test('a model reads as many digits as it did then', async () => {
    const { model } = loadModel(path.join(golden, 'model-v1'));
    const digits = takeRange(createSyntheticDigits({ seed: 2, count: 2000 }), 0, 100);
    const logits = await predictLogits(model, digits.images);
    const right = [...digits.labels].filter((label, index) => {
      const row = [...logits.subarray(index * 10, (index + 1) * 10)];
      return row.indexOf(Math.max(...row)) === label;
    });
    expect(right.length).toBe(52);
  });

  test('a model with dilation, groups and batch normalization reads as many digits as it did then (D18)', async () => {
    const { model } = loadModel(path.join(golden, 'model-flexible-v1'));
    const digits = takeRange(createSyntheticDigits({ seed: 2, count: 2000 }), 0, 100);
    const { correct } = await evaluateModel(model, digits);
    expect([model.architecture.name, correct]).toEqual(['flexible', 54]);
  });

  test('a model that adds reads as many pairs as it did then (D18)', async () => {
    const { model } = loadModel(path.join(golden, 'model-sum-v1'));
    const pairs = takeRange(createTestPairs(createSyntheticDigits({ seed: 2, count: 2000 })), 0, 100);
    const { correct } = await evaluateModel(model, pairs);
    expect([model.architecture.task, correct]).toEqual(['sum', 16]);
  });

  test('a config with the network of a file is read (D18)', () => {
    const config = readRunConfig(copy('config-architecture-v1.json', 'config.json'));
    const { layers } = restoreArchitecture(config.architecture);
    expect(layers.map(({ type }) => type)).toEqual([
      'conv2d',
      'maxPooling2d',
      'batchNormalization',
      'conv2d',
      'averagePooling2d',
      'activation',
      'flatten',
      'dense',
    ]);
  });

  test('a log is read (D18)', () => {
    const lines = readMetricsLog(path.join(golden, 'log-v1.jsonl'));
    expect(lines.map(({ event }) => event)).toEqual([
      'started',
      'step',
      'step',
      'checkpoint',
      'step',
      'checkpoint',
      'ended',
    ]);
  });

  test('a config is read and gives the options that its run had (D18)', () => {
    const config = readRunConfig(copy('config-v1.json', 'config.json'));
    const file = asOptionSource('net', config, trainOptions);
    const { values } = resolveOptions(trainOptions, { flags: {}, environment: {}, file });
    expect(values).toMatchObject({
      arch: 'conv3x3',
      maxSteps: 20,
      time: 300_000,
      lr: 0.001,
      validation: 200,
      evalEvery: 10,
      dataset: 'synthetic',
    });
  });
});
