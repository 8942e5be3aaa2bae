import { beforeAll, describe, expect, test } from 'vitest';
import { loadedOps, loadTensorFlow } from '../../src/backend/tf.ts';
import { createBatches } from '../../src/data/batches.ts';
import type { Architecture } from '../../src/model/architectures.ts';
import { planFused } from '../../src/model/fused-plan.ts';
import type { LayerDefinition } from '../../src/model/layers/layer-kinds.ts';
import { buildModel, disposeModel, type Model } from '../../src/model/model.ts';
import { createWeights, readWeights, writeWeights } from '../../src/model/weights.ts';
import type { TrainingState } from '../../src/train/events.ts';
import type { OptimizerName } from '../../src/train/optimizer.ts';
import { createStepper } from '../../src/train/train.ts';
import { createSmallSplits } from '../support/digits.ts';
import { expectSameLogits } from '../support/same-logits.ts';

const { train: examples, test: testExamples } = createSmallSplits(200, 30);
const batchSize = 12;

beforeAll(async () => {
  await loadTensorFlow();
  expect(loadedOps(), 'the fused ops are built').toBeDefined();
});

const relu = { activation: 'relu' } as const;
const pool = { type: 'maxPooling2d', poolSize: 2 } as const;
const flatten = { type: 'flatten' } as const;
const logits = { type: 'dense', units: 10 } as const;
const normalization = { type: 'batchNormalization' } as const;

function conv(filters: number, kernelSize: number, more: object = {}): LayerDefinition {
  return { type: 'conv2d', filters, kernelSize, padding: 'same', ...more };
}

function network(layers: readonly LayerDefinition[]): Architecture {
  return { name: 'trial', pixels: { scale: 1 / 255, offset: -0.1 }, validation: 0, layers };
}

/** One for each thing that a layer can be told, and some where layers stand in an unusual order. */
const networks: Readonly<Record<string, readonly LayerDefinition[]>> = {
  'a convolution without a pool': [conv(7, 3, relu), flatten, logits],
  'strides instead of pools': [
    conv(8, 3, { strides: 2, ...relu }),
    conv(12, 4, { strides: 3, padding: 'valid' }),
    flatten,
    logits,
  ],
  'an even kernel with padding "same" and a pool': [conv(6, 4, relu), pool, flatten, logits],
  'strides with padding "same" on odd sizes': [
    conv(5, 3, { padding: 'valid' }),
    { type: 'maxPooling2d', poolSize: 2 },
    conv(6, 3, { strides: 2, activation: 'tanh' }),
    flatten,
    logits,
  ],
  'padding by a number': [
    conv(5, 3, { padding: 2, ...relu }),
    pool,
    conv(4, 5, { padding: 3, strides: 4 }),
    flatten,
    logits,
  ],
  dilation: [
    conv(6, 3, { dilationRate: 2, ...relu }),
    pool,
    conv(8, 3, { dilationRate: 3, padding: 'valid' }),
    flatten,
    logits,
  ],
  'dilation with strides': [conv(4, 3, { dilationRate: 3, strides: 2 }), flatten, logits],
  groups: [
    conv(8, 3, relu),
    pool,
    conv(12, 3, { groups: 4, ...relu }),
    conv(12, 3, { groups: 12, useBias: false }),
    flatten,
    logits,
  ],
  'a kernel larger than the image': [
    conv(4, 5, relu),
    { type: 'maxPooling2d', poolSize: 7 },
    conv(5, 13, relu),
    flatten,
    logits,
  ],
  'mean and overlapping maximum pools': [
    conv(6, 3, relu),
    { type: 'averagePooling2d', poolSize: 3, strides: 2 },
    conv(6, 3),
    { type: 'maxPooling2d', poolSize: 3, strides: 1 },
    flatten,
    logits,
  ],
  'LeNet-5 with tanh and mean pools': [
    conv(6, 5, { activation: 'tanh' }),
    { type: 'averagePooling2d', poolSize: 2 },
    conv(16, 5, { padding: 'valid', activation: 'tanh' }),
    { type: 'averagePooling2d', poolSize: 2 },
    flatten,
    { type: 'dense', units: 120, activation: 'tanh' },
    { type: 'dense', units: 84, activation: 'tanh' },
    logits,
  ],
  'two convolutions before each pool': [
    conv(8, 3, relu),
    conv(8, 3, relu),
    pool,
    conv(16, 3, relu),
    conv(16, 3, relu),
    pool,
    flatten,
    { type: 'dense', units: 32, ...relu },
    { type: 'dropout', rate: 0.5 },
    logits,
  ],
  'batch normalization before ReLU': [
    conv(6, 5),
    normalization,
    { type: 'activation', ...relu },
    pool,
    conv(9, 3, { useBias: false }),
    normalization,
    { type: 'activation', ...relu },
    pool,
    flatten,
    logits,
  ],
  'batch normalization before tanh': [
    conv(6, 5),
    normalization,
    { type: 'activation', activation: 'tanh' },
    { type: 'averagePooling2d', poolSize: 2 },
    conv(9, 3, { useBias: false, strides: 2 }),
    normalization,
    flatten,
    logits,
  ],
  'batch normalization behind ReLU, of pixels and of dense layers': [
    normalization,
    conv(6, 5, relu),
    pool,
    normalization,
    flatten,
    { type: 'dense', units: 20, ...relu },
    normalization,
    { type: 'dropout', rate: 0.3 },
    logits,
  ],
  'dropout of pixels and images': [
    { type: 'dropout', rate: 0.2 },
    conv(6, 5, relu),
    { type: 'dropout', rate: 0.3 },
    conv(6, 3, relu),
    pool,
    { type: 'dropout', rate: 0.1 },
    flatten,
    logits,
  ],
  'activations one behind the other': [
    { type: 'activation', activation: 'tanh' },
    conv(5, 5, { activation: 'sigmoid' }),
    { type: 'activation', activation: 'tanh' },
    pool,
    { type: 'activation', ...relu },
    flatten,
    { type: 'activation', activation: 'sigmoid' },
    logits,
  ],
  'an activation between a convolution and its pool': [
    conv(5, 5),
    { type: 'activation', ...relu },
    pool,
    conv(5, 3),
    { type: 'activation', activation: 'tanh' },
    pool,
    conv(5, 3),
    pool,
    { type: 'activation', ...relu },
    flatten,
    logits,
  ],
  'no dense layer': [conv(8, 5, { strides: 2, ...relu }), conv(10, 14, { padding: 'valid' }), flatten],
  'a last layer that is not dense': [flatten, { type: 'dense', units: 10, ...relu }, normalization],
  'wide dense layers': [
    flatten,
    { type: 'dense', units: 301, ...relu },
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 500, activation: 'sigmoid' },
    logits,
  ],
};

function runSteps(
  model: Model,
  options: {
    readonly optimizer?: OptimizerName;
    readonly from: number;
    readonly to: number;
    readonly memory?: TrainingState['optimizer'];
    readonly together?: boolean;
  },
) {
  const { optimizer = 'adam', from, to, memory, together = true } = options;
  const stepper = createStepper(model, { examples, optimizer, seed: 5 });
  if (memory !== undefined) stepper.restore(memory);
  const batches = createBatches({ count: examples.count, batchSize, seed: 0, sampling: 'shuffle' });
  const steps = Array.from({ length: to - from + 1 }, (_, index) => ({
    step: from + index,
    learningRate: optimizer === 'adam' ? 0.001 : 0.01,
    indices: batches.indicesOf(from + index),
  }));
  const scores = together ? stepper.run(steps) : steps.flatMap((step) => stepper.run([step]));
  stepper.writeBack();
  const state = {
    losses: scores.map(({ loss }) => loss),
    weights: readWeights(model),
    memory: stepper.capture(),
  };
  stepper.dispose();
  return state;
}

function train(
  architecture: Architecture,
  kernels: 'fused' | 'stock',
  options: { readonly optimizer?: OptimizerName; readonly steps?: number; readonly together?: boolean } = {},
) {
  const model = buildModel(architecture, kernels);
  writeWeights(model, createWeights(architecture, 3));
  const state = runSteps(model, { ...options, from: 1, to: options.steps ?? 3 });
  disposeModel(model);
  return state;
}

/** The largest difference of two lists of arrays. */
function difference(
  left: readonly { readonly name: string; readonly values: Float32Array }[],
  right: readonly { readonly name: string; readonly values: Float32Array }[],
): number {
  expect(left.map(({ name }) => name)).toEqual(right.map(({ name }) => name));
  let largest = 0;
  left.forEach(({ values }, index) => {
    const others = right[index]?.values ?? new Float32Array();
    for (let at = 0; at < values.length; at++)
      largest = Math.max(largest, Math.abs((values[at] ?? 0) - (others[at] ?? Number.NaN)));
  });
  return largest;
}

describe.each(Object.entries(networks))('%s', (_, layers) => {
  const architecture = network(layers);

  test('trains as on the stock path', () => {
    const [fused, stock] = [
      train(architecture, 'fused', { optimizer: 'sgd' }),
      train(architecture, 'stock', { optimizer: 'sgd' }),
    ];
    fused.losses.forEach((loss, index) => expect(loss).toBeCloseTo(stock.losses[index] ?? Number.NaN, 4));
    // Plain descent takes a rounding of the gradient no further than it is. But where two values of a max-pool are equal but
    // for rounding, the gradient takes one way or the other.
    const hasTies = layers.some(({ type }) => type === 'maxPooling2d') && layers.includes(normalization);
    expect(difference(fused.weights, stock.weights)).toBeLessThan(hasTies ? 1e-3 : 1e-5);
    // Adam's first steps have the rate's size whatever the gradient's: one near 0 may change its sign.
    const adam = train(architecture, 'fused').losses;
    train(architecture, 'stock').losses.forEach((loss, index) => expect(adam[index]).toBeCloseTo(loss, 2));
  });

  test('gives the same logits', async () => {
    const { weights } = train(architecture, 'fused');
    await expectSameLogits(architecture, { weights, images: testExamples.images }, 2e-5);
  });

  test('goes on with the same bits', () => {
    const whole = train(architecture, 'fused', { steps: 6 });
    const half = train(architecture, 'fused', { steps: 3, together: false });
    const model = buildModel(architecture, 'fused');
    writeWeights(model, half.weights);
    const rest = runSteps(model, { from: 4, to: 6, memory: half.memory });
    expect([...half.losses, ...rest.losses]).toEqual(whole.losses);
    expect(difference(rest.weights, whole.weights)).toBe(0);
    expect(difference(rest.memory, whole.memory)).toBe(0);
    disposeModel(model);
  });
});

describe.each(['adam', 'momentum', 'sgd'] as const)('%s', (optimizer) => {
  const architecture = network(networks['batch normalization before ReLU'] ?? []);

  test('carries on where the stock path stopped, and the other way round', () => {
    for (const [first, second] of [
      ['stock', 'fused'],
      ['fused', 'stock'],
    ] as const) {
      const half = train(architecture, first, { optimizer });
      const [same, other] = ([first, second] as const).map((kernels) => {
        const model = buildModel(architecture, kernels);
        writeWeights(model, half.weights);
        return runSteps(model, { optimizer, from: 4, to: 6, memory: half.memory });
      });
      other?.losses.forEach((loss, index) => expect(loss).toBeCloseTo(same?.losses[index] ?? Number.NaN, 3));
      expect(other?.memory.map(({ name, shape }) => [name, shape])).toEqual(
        same?.memory.map(({ name, shape }) => [name, shape]),
      );
    }
  });
});

test('a convolution with ReLU and a pool of 2 x 2 is one layer wherever it stands, and activations belong to the layer before', () => {
  const kinds = (name: string) =>
    planFused(network(networks[name] ?? [])).layers.map(
      ({ kind, activation = 'none' }) => `${kind} ${activation}`,
    );
  expect(kinds('two convolutions before each pool')).toEqual([
    'convolution relu',
    'block relu',
    'convolution relu',
    'block relu',
    'dense relu',
    'dropout none',
    'dense none',
  ]);
  expect(kinds('an activation between a convolution and its pool')).toEqual([
    'block relu',
    'convolution tanh',
    'pool none',
    'block relu',
    'dense none',
  ]);
  expect(kinds('activations one behind the other')).toEqual([
    'activation tanh',
    'convolution sigmoid',
    'activation tanh',
    'pool relu',
    'activation sigmoid',
    'dense none',
  ]);
});
