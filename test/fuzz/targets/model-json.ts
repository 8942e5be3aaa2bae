import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseMetadata } from '../../../src/model/metadata.ts';
import { countWeightBytes, cutWeights, placeWeights, readModelJson } from '../../../src/model/model-json.ts';
import { parseTopology } from '../../../src/model/topology.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';
import { jsonMutation } from '../text-mutations.ts';

const scratch = createScratchFile('model.json');
const golden = fileURLToPath(new URL('../../golden/model-v1/', import.meta.url));
const foreign = fileURLToPath(new URL('../../golden/foreign/', import.meta.url));

/** A model's `model.json`, the weights that it describes, and the metadata inside it. */
export const modelJsonTarget: Target = {
  name: 'model-json',
  seeds: () => {
    const text = fs.readFileSync(`${golden}model.json`, 'utf8');
    const metadata: unknown = JSON.parse(fs.readFileSync(`${golden}metadata.json`, 'utf8'));
    return [
      Buffer.from(JSON.stringify(JSON.parse(text))),
      describe([flatten, dense(10)], ['dense_1/kernel', [784, 10], 'dense_1/bias', [10]], metadata),
      describe(everyLayer, [], { format: 2 }),
      describe([layer('Flatten', { batch_input_shape: [null, 28, 56, 1] }), dense(19)], []),
      ...['keras3-functional', 'keras3-file', 'tfjs-functional', 'keras2-flat'].map((name) =>
        fs.readFileSync(`${foreign}${name}/model.json`),
      ),
      Buffer.from('[]'),
    ];
  },
  run: (bytes) => {
    scratch.fill(bytes);
    const { topology: given, specs, paths, userDefinedMetadata } = readModelJson(scratch.path);
    if (!paths.every((name) => typeof name === 'string')) throw new Error('a path that is no text');
    if (typeof userDefinedMetadata === 'object') parseMetadata(userDefinedMetadata, scratch.path);
    const topology = parseTopology(given);
    const sizeBytes = countWeightBytes(topology, specs);
    if (!Number.isSafeInteger(sizeBytes)) throw new Error(`${sizeBytes} bytes of weights`);
    // The product reads the weights file here, whose size has to fit.
    if (sizeBytes > 1_000_000) return;
    const arrays = cutWeights(placeWeights(topology, specs, scratch.path), Buffer.alloc(sizeBytes));
    const read = arrays.reduce((sum, { values }) => sum + values.byteLength, 0);
    if (read > sizeBytes || read !== countWeightBytes(topology, [])) {
      throw new Error('the weights are not all there');
    }
  },
  errors: ['E_MODEL_FORMAT', 'E_MODEL_VERSION'],
  scripts: [
    'src/model/model-json.ts',
    'src/model/topology.ts',
    'src/model/keras-layers.ts',
    'src/model/keras-ends.ts',
    'src/model/metadata.ts',
    'src/model/shapes.ts',
    'src/model/shape-problem.ts',
  ],
  guides: ['/src/model/layers/'],
  mutations: [jsonMutation, jsonMutation, jsonMutation],
  words: [
    '"class_name":"Dropout"',
    '"softmax"',
    '"Functional"',
    '"Rescaling"',
    '"Dense"',
    '"__proto__":{}',
    'null',
    '1e400',
    '[',
    '\\u001b',
  ],
  maxBytes: 8192,
};

const layer = (type: string, config: object) => ({ class_name: type, config: { name: type, ...config } });
const dense = (units: number) =>
  layer('Dense', { name: 'dense_1', units, use_bias: true, activation: 'linear' });
const flatten = layer('Flatten', {});
const convolution = { filters: 2, padding: 'valid', use_bias: false, activation: 'relu' };
const everyLayer = [
  layer('Conv2D', { ...convolution, kernel_size: [3, 3], strides: [1, 1], dilation_rate: [1, 1] }),
  layer('FlexibleConv2D', {
    ...convolution,
    padding: 2,
    kernel_size: 3,
    strides: 1,
    dilation_rate: 2,
    groups: 2,
  }),
  layer('BatchNormalization', { axis: -1, momentum: 0.99, epsilon: 0.001, center: true, scale: true }),
  layer('MaxPooling2D', { pool_size: [2, 2], strides: 2, padding: 'valid' }),
  layer('AveragePooling2D', { pool_size: 2, strides: [2, 2], padding: 'valid' }),
  layer('Activation', { activation: 'tanh' }),
  layer('Dropout', { rate: 0.5 }),
  flatten,
  dense(10),
];

/** A `model.json` of these layers, its weights as names and shapes in turns. */
function describe(
  layers: readonly object[],
  weights: readonly (string | readonly number[])[],
  userDefinedMetadata?: unknown,
): Buffer {
  const specs = weights.flatMap((name, at) =>
    typeof name === 'string' ? [{ name, shape: weights[at + 1], dtype: 'float32' }] : [],
  );
  return Buffer.from(
    JSON.stringify({
      modelTopology: { model_config: { class_name: 'Sequential', config: { layers } } },
      weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
      userDefinedMetadata,
    }),
  );
}
