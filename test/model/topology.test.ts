import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { architectureNames, findArchitecture } from '../../src/model/architectures.ts';
import { buildModel } from '../../src/model/model.ts';
import { followShapes } from '../../src/model/shapes.ts';
import { parseTopology } from '../../src/model/topology.ts';
import { catchError } from '../support/caught.ts';
import { tiny } from '../support/model.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

const layer = (type: string, config: object) => ({ class_name: type, config: { name: type, ...config } });
const conv = (config: object = {}) =>
  layer('Conv2D', {
    filters: 4,
    kernel_size: [5, 5],
    strides: [1, 1],
    padding: 'same',
    use_bias: true,
    activation: 'relu',
    ...config,
  });
const pool = (config: object = {}) =>
  layer('MaxPooling2D', { pool_size: [2, 2], strides: [2, 2], padding: 'valid', ...config });
const flatten = layer('Flatten', {});
const dense = (units = 10, config: object = {}) =>
  layer('Dense', { units, use_bias: true, activation: 'linear', ...config });
const sequential = (...layers: readonly object[]) => ({ class_name: 'Sequential', config: { layers } });

describe('the topology that tfjs writes', () => {
  test.each([...architectureNames.map(findArchitecture), tiny].map((each) => [each.name, each] as const))(
    'of %s comes to the same shapes and the same names',
    (_, architecture) => {
      const { network } = buildModel(architecture);
      const topology = parseTopology(z.looseObject({}).parse(network.toJSON(undefined, false)));
      const [found, expected] = [followShapes(topology), followShapes(architecture)].map((shapes) =>
        shapes.map(({ outputShape, weights, parameters }) => ({ outputShape, weights, parameters })),
      );
      expect(found).toEqual(expected);
      expect(topology.names).toEqual(followShapes(architecture).map(({ name }) => name));
    },
  );
});

describe('a topology of Keras', () => {
  test('may list its layers without a name around them', () => {
    const { layers } = parseTopology({ class_name: 'Sequential', config: [flatten, dense()] });
    expect(layers.map(({ type }) => type)).toEqual(['flatten', 'dense']);
  });

  test('may write square sizes as one number', () => {
    const { layers } = parseTopology(sequential(conv({ kernel_size: 5, strides: 1 }), flatten, dense()));
    expect(layers[0]).toMatchObject({ kernelSize: 5, strides: 1 });
  });

  test.each([
    ['a last dense layer with softmax', [dense(10, { activation: 'softmax' })]],
    ['a layer Softmax', [dense(), layer('Softmax', { axis: -1 })]],
    ['a layer Activation with softmax', [dense(), layer('Activation', { activation: 'softmax' })]],
  ])('may end in %s, which is left out', (_, end) => {
    const { layers, endedInSoftmax } = parseTopology(sequential(flatten, ...end));
    expect([layers, endedInSoftmax]).toEqual([
      [{ type: 'flatten' }, { type: 'dense', units: 10, useBias: true }],
      true,
    ]);
  });

  test('may take images that come flat', () => {
    const flatDense = dense(10, { batch_input_shape: [null, 784] });
    expect(parseTopology(sequential(flatDense)).layers.map(({ type }) => type)).toEqual(['flatten', 'dense']);
  });

  test('may turn and scale its images first', () => {
    const topology = parseTopology(
      sequential(
        layer('InputLayer', { batch_shape: [null, 784] }),
        layer('Reshape', { target_shape: [28, 28, 1] }),
        layer('Rescaling', { scale: 0.5, offset: -1 }),
        flatten,
        dense(),
      ),
    );
    expect([topology.layers.map(({ type }) => type), topology.pixels]).toEqual([
      ['flatten', 'dense'],
      { scale: 0.5, offset: -1 },
    ]);
  });

  test('may pad pools where that adds nothing', () => {
    const padded = pool({ padding: 'same' });
    expect(parseTopology(sequential(padded, flatten, dense())).layers[0]).toEqual({
      type: 'maxPooling2d',
      poolSize: 2,
      strides: 2,
    });
  });
});

describe('a topology', () => {
  test.each<[string, unknown, string]>([
    ['that is none', undefined, 'it is neither a sequential network nor a chain of layers'],
    [
      'of another kind',
      { class_name: 'Functional', config: {} },
      'it is neither a sequential network nor a chain of layers',
    ],
    [
      'with an unknown layer',
      sequential(layer('Lambda', { function: 'x' })),
      'layer 1 (Lambda) is not supported',
    ],
    [
      'with a layer named like code',
      sequential(layer('__proto__', {})),
      'layer 1 (__proto__) is not supported',
    ],
    ['with no layer for a layer', sequential(flatten, { x: 1 }), 'layer 2 is not supported'],
    [
      'with an unknown activation',
      sequential(flatten, dense(10, { activation: 'swish' })),
      "layer 2 (Dense): activation 'swish', expected 'linear', 'relu', 'sigmoid' or 'tanh'",
    ],
    [
      'with an activation of its own',
      sequential(flatten, dense(10, { activation: { class_name: 'function', config: 'mine' } })),
      'layer 2 (Dense): activation {"class_name":"function","config":"mine"}, expected \'linear\', \'relu\', \'sigmoid\' or \'tanh\'',
    ],
    [
      'with softmax before its end',
      sequential(
        flatten,
        dense(20, { activation: 'softmax' }),
        layer('Dense', { name: 'b', units: 10, use_bias: true }),
      ),
      "layer 2 (Dense): activation 'softmax', expected 'linear', 'relu', 'sigmoid' or 'tanh'",
    ],
    ['with no square kernel', sequential(conv({ kernel_size: [3, 5] })), 'layer 1 is 3 x 5, not square'],
    [
      'with dilation',
      sequential(conv({ dilation_rate: [2, 2] })),
      'layer 1 (Conv2D) has a dilation rate other than 1',
    ],
    ['with groups', sequential(conv({ groups: 2 })), 'layer 1 (Conv2D): groups 2, expected 1'],
    [
      'with channels first',
      sequential(conv({ data_format: 'channels_first' })),
      "layer 1 (Conv2D): data_format 'channels_first', expected 'channels_last'",
    ],
    [
      'with a clipped ReLU',
      sequential(layer('ReLU', { max_value: 6 })),
      'layer 1 (ReLU): max_value 6, Invalid input: expected null, received number',
    ],
    [
      'with another epsilon',
      sequential(
        layer('BatchNormalization', { axis: -1, momentum: 0.9, epsilon: 1e-5, center: true, scale: true }),
      ),
      'layer 1 (BatchNormalization): epsilon 0.00001, expected 0.001',
    ],
    [
      'that normalizes rows',
      sequential(
        layer('BatchNormalization', { axis: [1], momentum: 0.9, epsilon: 0.001, center: true, scale: true }),
        flatten,
        dense(),
      ),
      'layer 1 (BatchNormalization): axis 1, expected -1 or 3',
    ],
    [
      'whose pools are padded',
      sequential(
        pool(),
        layer('MaxPooling2D', { name: 'b', pool_size: 4, strides: 4, padding: 'same' }),
        flatten,
        dense(),
      ),
      "layer 2 (MaxPooling2D): padding 'same' on 14 x 14, expected 'valid'",
    ],
    [
      'of colors',
      sequential(conv({ batch_input_shape: [null, 32, 32, 3] }), flatten, dense()),
      'it takes images of 32 x 32 x 3, expected 28 x 28 x 1',
    ],
    [
      'of rows',
      sequential(layer('InputLayer', { batch_shape: [null, 28, 28] }), dense()),
      'it takes images of 28 x 28, expected 28 x 28 x 1',
    ],
    [
      'that rescales by a list',
      sequential(layer('Rescaling', { scale: [1, 2] }), flatten, dense()),
      'its Rescaling layer has no plain scale and offset',
    ],
    ['without layers', sequential(), "the network's output is empty, expected 10"],
    ['of nine answers', sequential(flatten, dense(9)), "the network's output is 9, expected 10"],
    [
      'with a dense layer on a picture',
      sequential(dense()),
      'layer 1 (dense_1) gets 28 x 28 x 1, expected 1 dimension: put flatten before it',
    ],
    [
      'with a convolution on a list',
      sequential(flatten, conv()),
      'layer 2 (conv2d_1) gets 784, expected 3 dimensions',
    ],
    [
      'with a pool larger than the picture',
      sequential(pool({ pool_size: 50 })),
      'layer 1 (max_pooling2d_1) gets 28 x 28 x 1, less than the 50 x 50 of its window',
    ],
    [
      'with a kernel larger than the picture',
      sequential(conv({ padding: 'valid', kernel_size: 29 })),
      'layer 1 (conv2d_1) gets 28 x 28 x 1, less than the 29 x 29 of its window',
    ],
    ['with two layers of one name', sequential(flatten, dense(20), dense()), 'two layers are named Dense'],
    [
      'that would fill the memory',
      sequential(conv({ filters: 100_000, kernel_size: 1 }), flatten, dense()),
      'layer 1 (conv2d_1) gives 78400000 values, the limit is 1048576',
    ],
  ])('%s is refused (D14)', (_, topology, reason) => {
    expect(catchError(() => parseTopology(topology))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `cannot read model.json: ${reason}`,
      hint: 'Supported layers: Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense, Activation, ReLU, BatchNormalization, Dropout; Reshape and Rescaling first, Softmax last.',
    });
  });
});
