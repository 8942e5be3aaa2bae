import { beforeAll, describe, expect, test } from 'vitest';
import { countLastFeatures, readLastFeatures } from '../../src/analyze/last-features.ts';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { findArchitecture } from '../../src/model/architectures.ts';
import { predictLogits } from '../../src/model/forward.ts';
import { disposeModel } from '../../src/model/model.ts';
import { readWeights } from '../../src/model/weights.ts';
import { createImages, createModel } from '../support/model.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

describe("the last layer's input", () => {
  test.each([
    ['cnn', 1568],
    ['cnn-large', 1024],
    ['conv3x3', 1352],
    ['convnet', 512],
  ])('of %s has %i numbers an image', (name, width) => {
    expect(countLastFeatures(findArchitecture(name))).toBe(width);
  });

  test('through the last layer gives the logits, dropout off', async () => {
    const model = createModel();
    const { features, logits } = await readLastFeatures(model, createImages(3));
    const [kernel, bias] = readWeights(model).slice(-2);
    const first = Array.from({ length: 10 }, (_, unit) =>
      features
        .subarray(0, 8)
        .reduce(
          (sum, value, index) => sum + value * (kernel?.values[index * 10 + unit] ?? 0),
          bias?.values[unit] ?? 0,
        ),
    );
    first.forEach((value, unit) => expect(value).toBeCloseTo(logits[unit] ?? Number.NaN, 5));
    disposeModel(model);
  });

  test.each(['cnn', 'convnet'])('of %s comes with the logits of a prediction', async (name) => {
    const model = createModel(name, 3, 'stock');
    const { logits } = await readLastFeatures(model, createImages(3));
    const predicted = await predictLogits(model, createImages(3));
    logits.forEach((value, index) => expect(value).toBeCloseTo(predicted[index] ?? Number.NaN, 4));
    disposeModel(model);
  });

  test('is the same for an image in any chunk', async () => {
    const model = createModel();
    const images = createImages(130);
    const { features } = await readLastFeatures(model, images);
    const alone = await readLastFeatures(model, images.subarray(120 * 784, 121 * 784));
    // The order in which TensorFlow adds up depends on the chunk with AVX2.
    [...features.subarray(120 * 8, 121 * 8)].forEach((value, at) =>
      expect(value).toBeCloseTo(alone.features[at] ?? Number.NaN, 5),
    );
    disposeModel(model);
  });

  test('leaves no tensor behind', async () => {
    const model = createModel();
    const before = tf.memory().numTensors;
    await readLastFeatures(model, createImages(3));
    expect(tf.memory().numTensors).toBe(before);
    disposeModel(model);
  });
});
