import type { Tensor } from '@tensorflow/tfjs-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { retrieveFeatures, splitMaps } from '../../src/analyze/feature-maps.ts';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { imagesToTensor, predictLogits } from '../../src/model/forward.ts';
import { disposeModel, type Model } from '../../src/model/model.ts';
import { createImages, createModel } from '../support/model.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

/** What the model itself gives when it is cut off behind each layer. */
function predictParts(model: Model, image: Uint8Array) {
  return model.network.layers.map((layer) =>
    tf.tidy(() => {
      const part = tf.model({ inputs: model.network.inputs, outputs: layer.output });
      const output = part.predict(imagesToTensor(model, image)) as Tensor;
      return { name: layer.name, shape: output.shape.slice(1), values: new Float32Array(output.dataSync()) };
    }),
  );
}

describe.each(['tiny', 'cnn', 'conv3x3'])('the features of %s', (name) => {
  const image = createImages(1);

  test('are what the model gives when it is cut off behind each layer', () => {
    const model = createModel(name);
    expect(retrieveFeatures(model, image)).toEqual(predictParts(model, image));
    disposeModel(model);
  });

  test('end with the logits of prediction on TensorFlow', async () => {
    const model = createModel(name, 3, 'stock');
    const [...logits] = retrieveFeatures(model, image).at(-1)?.values ?? [];
    expect(logits).toEqual([...(await predictLogits(model, image))]);
    disposeModel(model);
  });

  test('leave no tensors behind', () => {
    const model = createModel(name);
    const before = tf.memory().numTensors;
    retrieveFeatures(model, image);
    expect(tf.memory().numTensors).toBe(before);
    disposeModel(model);
  });
});

test('maps are split by channel, row by row', () => {
  const values = Float32Array.of(0, 100, 1, 101, 10, 110, 11, 111);
  const maps = splitMaps({ name: 'conv2d_1', shape: [2, 2, 2], values });
  expect(maps.map((map) => [...map])).toEqual([
    [0, 1, 10, 11],
    [100, 101, 110, 111],
  ]);
});
