import type { Tensor4D } from '@tensorflow/tfjs-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../../src/backend/tf.ts';
import type { Architecture } from '../../../src/model/architectures.ts';
import { predictLogits } from '../../../src/model/forward.ts';
import type { Conv2d as Convolution } from '../../../src/model/layers/conv2d.ts';
import { buildModel, disposeModel, type Model, trainableVariables } from '../../../src/model/model.ts';
import { followShapes } from '../../../src/model/shapes.ts';
import { createWeights, writeWeights } from '../../../src/model/weights.ts';
import { createImages } from '../../support/model.ts';

const plain = { type: 'conv2d', filters: 4, kernelSize: 3, padding: 'valid' } as const;

/** The odd convolution, behind one that makes four channels for its groups. */
function architectureWith(layer: Convolution): Architecture {
  return {
    name: 'flexible',
    pixels: { scale: 1 / 255, offset: 0 },
    validation: 0,
    layers: [{ ...plain, strides: 3 }, layer, { type: 'flatten' }, { type: 'dense', units: 10 }],
  };
}

function outputShapeOf({ architecture }: Model): readonly number[] {
  return followShapes(architecture)[1]?.outputShape ?? [];
}

function createModel(layer: Convolution): Model {
  const model = buildModel(architectureWith(layer));
  writeWeights(model, createWeights(model.architecture, 5));
  return model;
}

/** The reference: one sum a value, padding by zeros looked up, [H, W, C] -> [H', W', filters]. */
function convolvePlain(
  images: { readonly values: ArrayLike<number>; readonly shape: readonly number[] },
  kernel: ArrayLike<number>,
  layer: Convolution,
): number[] {
  const [height = 0, width = 0, channels = 0] = images.shape;
  const { filters, kernelSize, strides = 1, dilationRate = 1, groups = 1 } = layer;
  const reach = (kernelSize - 1) * dilationRate + 1;
  const before =
    typeof layer.padding === 'number' ? layer.padding : layer.padding === 'same' ? (reach - 1) / 2 : 0;
  const perGroup = channels / groups;
  const out: number[] = [];
  const rows = Math.floor((height + 2 * before - reach) / strides) + 1;
  const columns = Math.floor((width + 2 * before - reach) / strides) + 1;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let filter = 0; filter < filters; filter++) {
        const group = Math.floor(filter / (filters / groups));
        let sum = 0;
        for (let y = 0; y < kernelSize; y++)
          for (let x = 0; x < kernelSize; x++)
            for (let channel = 0; channel < perGroup; channel++) {
              const [from, at] = [
                row * strides + y * dilationRate - before,
                column * strides + x * dilationRate - before,
              ];
              if (from < 0 || from >= height || at < 0 || at >= width) continue;
              const pixel = images.values[(from * width + at) * channels + group * perGroup + channel] ?? 0;
              sum += pixel * (kernel[((y * kernelSize + x) * perGroup + channel) * filters + filter] ?? 0);
            }
        out.push(sum);
      }
  return out;
}

const kinds: readonly (readonly [string, Convolution])[] = [
  ['dilation 2', { ...plain, dilationRate: 2, useBias: false }],
  ['dilation 3, same', { ...plain, dilationRate: 3, padding: 'same', useBias: false }],
  ['2 groups', { ...plain, groups: 2, filters: 6, useBias: false }],
  ['as many groups as channels', { ...plain, groups: 4, filters: 8, useBias: false }],
  ['padding by 2', { ...plain, padding: 2, useBias: false }],
  ['padding by 1, strides 2', { ...plain, padding: 1, strides: 2, useBias: false }],
  ['all together', { ...plain, padding: 3, strides: 2, dilationRate: 2, groups: 2, useBias: false }],
];

beforeAll(async () => {
  await loadTensorFlow();
});

describe.each(kinds)('a convolution with %s', (_, layer) => {
  test('gives the sums that the definition says', () => {
    const model = createModel(layer);
    const inputs = tf.randomUniform([1, 9, 9, 4], -1, 1, 'float32', 7) as Tensor4D;
    const output = model.network.layers[1]?.apply(inputs) as Tensor4D;
    const kernel = trainableVariables(model)[2]?.dataSync() ?? [];
    const expected = convolvePlain({ values: inputs.dataSync(), shape: [9, 9, 4] }, kernel, layer);
    expect(output.shape).toEqual([1, ...outputShapeOf(model)]);
    const values = [...output.dataSync()];
    expect(values).toHaveLength(expected.length);
    expect(Math.max(...values.map((value, index) => Math.abs(value - (expected[index] ?? 0))))).toBeLessThan(
      1e-5,
    );
    disposeModel(model);
  });

  test('has the gradient that small steps show', () => {
    const model = createModel(layer);
    const kernel = trainableVariables(model)[2];
    if (kernel === undefined) throw new Error('no kernel');
    const inputs = tf.randomUniform([2, 9, 9, 4], -1, 1, 'float32', 3) as Tensor4D;
    const weights = tf.randomUniform([2, ...outputShapeOf(model)], -1, 1, 'float32', 4);
    const [, layerOfModel] = model.network.layers;
    if (layerOfModel === undefined) throw new Error('no layer');
    const loss = () => (layerOfModel.apply(inputs) as Tensor4D).mul(weights).sum();
    const gradient = tf.variableGrads(() => loss().asScalar(), [kernel]).grads[kernel.name];
    const found = gradient?.dataSync() ?? [];
    const values = kernel.dataSync().slice();
    for (const index of [0, 7, values.length - 1]) {
      const at = (change: number) => {
        const moved = values.slice();
        moved[index] = (moved[index] ?? 0) + change;
        kernel.assign(tf.tensor(moved, kernel.shape));
        return loss().dataSync()[0] ?? 0;
      };
      // The loss is linear in each weight: a large step has no error but rounding.
      expect(found[index]).toBeCloseTo((at(0.5) - at(-0.5)) / 1, 3);
    }
    disposeModel(model);
  });

  test('predicts in chunks without losing a tensor', async () => {
    const model = createModel(layer);
    const before = tf.memory().numTensors;
    expect(await predictLogits(model, createImages(3))).toHaveLength(30);
    expect(tf.memory().numTensors).toBe(before);
    disposeModel(model);
  });
});
