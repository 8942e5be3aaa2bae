import type { Tensor } from '@tensorflow/tfjs-node';
import { beforeAll, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { findArchitecture } from '../../src/model/architectures.ts';
import { imagesToTensor } from '../../src/model/forward.ts';
import { buildModel, disposeModel } from '../../src/model/model.ts';
import { createWeights, writeWeights } from '../../src/model/weights.ts';
import { isNormalized, measureNormalization } from '../../src/train/normalization.ts';
import { createSmallSplits } from '../support/digits.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

test('gives every channel behind a normalization mean 0 and variance 1 on the examples', () => {
  const architecture = findArchitecture('cnn-small');
  const { train: examples } = createSmallSplits(100, 10);
  const model = buildModel(architecture, 'stock');
  writeWeights(model, createWeights(architecture, 4));
  const before = tf.memory().numTensors;
  measureNormalization(model, examples);
  expect(tf.memory().numTensors).toBe(before);
  const checked = tf.tidy(() => {
    let values: Tensor = imagesToTensor(model, examples.images);
    return model.network.layers.flatMap((layer) => {
      values = layer.apply(values) as Tensor; // one tensor in, one out
      if (layer.getClassName() !== 'BatchNormalization') return [];
      const { mean, variance } = tf.moments(values, [0, 1, 2]);
      return [{ means: [...mean.dataSync()], variances: [...variance.dataSync()] }];
    });
  });
  expect(checked).toHaveLength(4);
  for (const { means, variances } of checked) {
    for (const mean of means) expect(mean).toBeCloseTo(0, 4);
    // The epsilon of 0.001 takes a little from small variances.
    for (const variance of variances) expect(variance).toBeGreaterThan(0.5);
    for (const variance of variances) expect(variance).toBeLessThan(1.0001);
  }
  disposeModel(model);
});

test('knows which networks are normalized', () => {
  const knows = (name: string) => {
    const model = buildModel(findArchitecture(name), 'stock');
    const isKnown = isNormalized(model);
    disposeModel(model);
    return isKnown;
  };
  expect([knows('cnn'), knows('cnn-small')]).toEqual([false, true]);
});
