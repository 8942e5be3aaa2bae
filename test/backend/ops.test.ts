import type { Tensor1D } from '@tensorflow/tfjs-node';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createOpData,
  createTrainer,
  type OpLayer,
  type OpPlan,
  type OpTrainer,
  packBytes,
  runPredictOp,
  type TrainOpInput,
} from '../../src/backend/ops.ts';
import { loadedOps, loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { TrainerError } from '../../src/core/errors.ts';

beforeAll(async () => {
  await loadTensorFlow();
  expect(loadedOps(), 'the fused ops are built').toBeDefined();
});

const block: OpLayer = {
  kind: 'block',
  input: [6, 6, 1],
  kernelSize: 3,
  padding: 1,
  filters: 4,
  activation: 'relu',
  bias: true,
};
const convolution: OpLayer = {
  kind: 'convolution',
  input: [3, 3, 4],
  kernelSize: 2,
  strides: 2,
  dilationRate: 1,
  groups: 2,
  padding: [0, 1],
  output: [1, 2],
  filters: 6,
  bias: true,
};
const pool: OpLayer = { kind: 'pool', input: [1, 2, 6], poolSize: 1, strides: 1, isMean: true };
const normalization: OpLayer = { kind: 'normalization', input: [1, 2, 6], activation: 'tanh' };
const dropout: OpLayer = { kind: 'dropout', input: [1, 1, 12], rate: 0.25, position: 5 };
const dense: OpLayer = { kind: 'dense', input: [1, 1, 12], units: 3, bias: true };
const plan: OpPlan = {
  imageSizeBytes: 36,
  pixels: { scale: 1 / 255, offset: 0 },
  layers: [block, convolution, pool, normalization, dropout, dense],
};
const parameterCount = 4 * (9 + 1) + 6 * (8 + 1) + 4 * 6 + 3 * (12 + 1);

/** The plan with another layer in place of its first, second ... */
function change(index: number, values: object): Partial<OpPlan> {
  return {
    layers: plan.layers.map((layer, at) => (at === index ? { ...layer, ...values } : layer)),
  };
}

/** Two steps on batches of three out of five images. */
function trainInput(): TrainOpInput {
  return {
    images: packBytes(new Uint8Array(5 * 36).fill(200)),
    labels: packBytes(Uint8Array.from([0, 1, 2, 0, 1])),
    indices: ints([0, 1, 2, 3, 4, 0]),
    keys: ints([7, 8]),
    updates: tf.tensor1d([0.9, 0.999, 0.1, 0.001, 0.01, 1e-8, 0, 0.9, 0.999, 0.1, 0.001, 0.01, 1e-8, 0.1]),
  };
}

function ints(values: readonly number[]) {
  return tf.tensor1d([...values], 'int32');
}

/** The error's first line, without what all of them begin with. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error;
    expect(error.code).toBe('E_INTERNAL');
    expect(error.message).toBe(
      `${error.message.split(' is ')[0]} is ${error.actual}, expected ${error.expected}`,
    );
    return error.message.replace('the fused ops cannot run: ', '');
  }
  return 'none';
}

describe('a plan', () => {
  it('that is sound is measured', () => {
    expect(createOpData(plan).sizes).toEqual({
      imageSizeBytes: 36,
      parameterCount,
      classCount: 3,
      dropoutCount: 1,
      widest: 48,
    });
  });

  const whole = 'expected a whole number from';
  const refused: readonly (readonly [string, Partial<OpPlan>])[] = [
    [`the size of an image is 0, ${whole} 1 to 1073741824`, { imageSizeBytes: 0 }],
    ['a setting is NaN, expected a finite number', { pixels: { scale: Number.NaN, offset: 0 } }],
    ['a setting is 1e+39, expected a finite number', { pixels: { scale: 1, offset: 1e39 } }],
    [`the number of layers is 0, ${whole} 1 to 1073741824`, { layers: [] }],
    ['the length of the input shape of layer 0 is 2, expected 3', change(0, { input: [6, 6] })],
    [`a size of the input of layer 0 is -1, ${whole} 1 to 1073741824`, change(0, { input: [-1, 6, 6] })],
    [`a size of the input of layer 0 is 2.5, ${whole} 1 to 1073741824`, change(0, { input: [2.5, 6, 6] })],
    ['the number of inputs of layer 0 is 42, expected 36', change(0, { input: [7, 6, 1] })],
    ['the input shape of layer 1 is 1 x 1 x 36, expected 3 x 3 x 4', change(1, { input: [1, 1, 36] })],
    ['the input shape of layer 3 is 2 x 1 x 6, expected 1 x 2 x 6', change(3, { input: [2, 1, 6] })],
    ['the number of inputs of layer 5 is 13, expected 12', change(5, { input: [1, 1, 13] })],
    [
      'the kind of layer 3 is sum, expected block, dense, dropout, convolution, pool, normalization, activation',
      change(3, { kind: 'sum' }),
    ],
    [
      'the activation of layer 3 is swish, expected none, relu, sigmoid, tanh',
      change(3, { activation: 'swish' }),
    ],
    ['the activation of layer 0 is tanh, expected none or relu', change(0, { activation: 'tanh' })],
    [`the kernel size of layer 0 is 0, ${whole} 1 to 7`, change(0, { kernelSize: 0 })],
    [`the kernel size of layer 0 is 8, ${whole} 1 to 7`, change(0, { kernelSize: 8 })],
    [`the number of filters of layer 0 is 0, ${whole} 1 to 1073741824`, change(0, { filters: 0 })],
    [`the padding of layer 0 is -1, ${whole} 0 to 1073741824`, change(0, { padding: -1 })],
    [`the padded size of layer 0 is 1600320016, ${whole} 1 to 1073741824`, change(0, { padding: 19_999 })],
    [
      `the size of the filters of layer 0 is 1610612736, ${whole} 1 to 1073741824`,
      change(0, { filters: 2 ** 25 }),
    ],
    [
      `the size of the output of layer 0 is 1509949440, ${whole} 1 to 1073741824`,
      change(0, { kernelSize: 1, padding: 9, filters: 10_485_760 }),
    ],
    [`the kernel size of layer 1 is 0, ${whole} 1 to 32768`, change(1, { kernelSize: 0 })],
    [`the stride of layer 1 is 0, ${whole} 1 to 1073741824`, change(1, { strides: 0 })],
    [`the dilation rate of layer 1 is 0, ${whole} 1 to 1073741824`, change(1, { dilationRate: 0 })],
    [`the number of groups of layer 1 is 5, ${whole} 1 to 4`, change(1, { groups: 5 })],
    ['what 3 groups leave of the channels of layer 1 is 1, expected 0', change(1, { groups: 3 })],
    ['what 2 groups leave of the filters of layer 1 is 1, expected 0', change(1, { filters: 5 })],
    [
      `the size of the filters of layer 1 is 12884901888, ${whole} 1 to 1073741824`,
      change(1, { kernelSize: 2 ** 15 }),
    ],
    [
      `the padded size of layer 1 is 1200000036, ${whole} 1 to 1073741824`,
      change(1, { strides: 50_000_000 }),
    ],
    [
      `the padded size of the output of layer 1 is 4505400000, ${whole} 1 to 1073741824`,
      change(1, { output: [1, 2], filters: 50_060_000 }),
    ],
    [`the pool size of layer 2 is 2, ${whole} 1 to 1`, change(2, { poolSize: 2 })],
    [`the stride of layer 2 is 0, ${whole} 1 to 1073741824`, change(2, { strides: 0 })],
    ['the rate of layer 4 is 1, expected from 0 to below 1', change(4, { rate: 1 })],
    ['the rate of layer 4 is 0.999999999, expected from 0 to below 1', change(4, { rate: 1 - 1e-9 })],
    ['the rate of layer 4 is -0.1, expected from 0 to below 1', change(4, { rate: -0.1 })],
    [`the number of units of layer 5 is 0, ${whole} 1 to 67108864`, change(5, { units: 0 })],
    [
      `the number of parameters is 1163220032, ${whole} 1 to 1073741824`,
      {
        layers: [
          { kind: 'dense', input: [1, 1, 36], units: 22_369_616, bias: false },
          { kind: 'dense', input: [1, 1, 22_369_616], units: 16, bias: false },
        ],
      },
    ],
  ];

  it.each(refused)('is refused where %s', (message, changes) => {
    expect(refusal(() => createOpData({ ...plan, ...changes }))).toBe(message);
  });

  it('is refused where no engine of that name runs here', () => {
    const engine = 'avx1024' as 'avx512';
    expect(refusal(() => createOpData(plan, { engine }))).toBe(
      `the engine is avx1024, expected one that runs on ${loadedOps()?.engine}`,
    );
  });

  it.each([0, 257, 1.5])('is refused for %d threads', (threads) => {
    expect(refusal(() => createOpData(plan, { threads }))).toBe(
      `the number of threads is ${threads}, expected a whole number from 1 to 256`,
    );
  });
});

describe('training', () => {
  let trainer: OpTrainer;
  beforeEach(() => {
    trainer = createTrainer(plan, { threads: 1 });
    trainer.write('weights', tf.ones([parameterCount]));
  });
  afterEach(() => trainer.dispose());

  it('runs on sound arguments, and changes all arrays', () => {
    expect(trainer.train(trainInput()).losses.dataSync()).toHaveLength(2);
    for (const array of ['weights', 'means', 'squares'] as const) {
      const values = trainer.read(array).dataSync();
      expect(values).toHaveLength(parameterCount);
      expect(new Set(values).size).toBeGreaterThan(3);
    }
  });

  it('keeps what is written, each trainer its own', () => {
    const other = createTrainer(plan, { threads: 2, method: 'momentum' });
    const values = Array.from({ length: parameterCount }, (_, index) => index);
    trainer.write('means', tf.tensor1d(values));
    other.write('means', tf.ones([parameterCount]));
    expect([...trainer.read('means').dataSync()]).toEqual(values);
    expect(other.read('weights').dataSync()).toEqual(new Float32Array(parameterCount));
    other.write('squares', tf.ones([parameterCount]));
    expect(other.read('squares').dataSync()).toEqual(new Float32Array(parameterCount));
    other.dispose();
    expect([...trainer.read('means').dataSync()]).toEqual(values);
  });

  it('leaves no tensor behind', () => {
    const values: Tensor1D = tf.ones([parameterCount]);
    const before = tf.memory().numTensors;
    const own = createTrainer(plan);
    own.write('weights', values);
    own.read('weights').dispose();
    own.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is refused after the trainer was disposed of', () => {
    const gone = createTrainer(plan);
    gone.dispose();
    expect(() => gone.train(trainInput())).toThrow('MnistTrain: there is no such trainer');
    expect(() => gone.read('weights')).toThrow('MnistRead: there is no such trainer');
    expect(() => gone.write('means', tf.zeros([parameterCount]))).toThrow(
      'MnistWrite: there is no such trainer',
    );
    expect(() => gone.dispose()).toThrow('MnistFree: there is no such trainer');
  });

  const refused: readonly (readonly [string, () => Partial<TrainOpInput>])[] = [
    [
      'the number of images is 0, expected a whole number from 1 to 1073741824',
      () => ({ images: ints([1]) }),
    ],
    ['images is int32 [47], expected int32 [45]', () => ({ images: tf.zeros([47], 'int32') })],
    ['images is float32 [45], expected int32 [45]', () => ({ images: tf.zeros([45]) })],
    ['labels is int32 [1], expected int32 [2]', () => ({ labels: ints([0]) })],
    [
      'the largest label is 4, expected a whole number from 0 to 3',
      () => ({ labels: packBytes(Uint8Array.from([0, 4, 1, 1, 1])) }),
    ],
    [
      'the number of steps, a seventh of the numbers for updates, is 2.142857142857143, expected a whole number from 1 to 1073741824',
      () => ({ updates: tf.zeros([15]) }),
    ],
    ['updates is int32 [7], expected float32 [7]', () => ({ updates: tf.zeros([7], 'int32') })],
    [
      'a number for updates is Infinity, expected a finite one',
      () => ({ updates: tf.tensor1d([0, 0, 1, 1, 1e40, 0, 0]) }),
    ],
    [
      'the batch size, indices for each step, is 2.5, expected a whole number from 1 to 22369621',
      () => ({ indices: ints([0, 1, 2, 3, 4]) }),
    ],
    ['indices is float32 [6], expected int32 [6]', () => ({ indices: tf.zeros([6]) })],
    ['an index is 5, expected a whole number from 0 to 4', () => ({ indices: ints([0, 1, 2, 3, 4, 5]) })],
    ['an index is -1, expected a whole number from 0 to 4', () => ({ indices: ints([0, 1, 2, 3, 4, -1]) })],
    ['keys is int32 [1], expected int32 [2]', () => ({ keys: ints([7]) })],
  ];

  it.each(refused)('is refused where %s', (message, changes) => {
    expect(refusal(() => trainer.train({ ...trainInput(), ...changes() }))).toBe(message);
  });

  it.each(['weights', 'means', 'squares'] as const)('takes no %s that do not fit', (array) => {
    expect(refusal(() => trainer.write(array, tf.zeros([1])))).toBe(
      `${array} is float32 [1], expected float32 [${parameterCount}]`,
    );
  });

  it('is refused where batches are so large that C++ would count past 32 bits', () => {
    const wide = createTrainer({
      ...plan,
      layers: [
        { kind: 'dense', input: [1, 1, 36], units: 400_000, bias: false },
        { kind: 'dense', input: [1, 1, 400_000], units: 3, bias: false },
      ],
    });
    const input = { ...trainInput(), indices: ints(Array<number>(2 * 2685).fill(0)), keys: ints([7]) };
    expect(refusal(() => wide.train(input))).toBe(
      'the batch size, indices for each step, is 2685, expected a whole number from 1 to 2684',
    );
    wide.dispose();
  });
});

describe('prediction', () => {
  const images = () => packBytes(new Uint8Array(5 * 36));

  it('gives a row of logits for each image', () => {
    expect(runPredictOp(createOpData(plan), images(), tf.zeros([parameterCount])).shape).toEqual([5, 3]);
  });

  it('is refused where images or weights do not fit the plan', () => {
    const data = createOpData(plan);
    expect(refusal(() => runPredictOp(data, ints([1]), tf.zeros([parameterCount])))).toBe(
      'the number of images is 0, expected a whole number from 1 to 1073741824',
    );
    expect(refusal(() => runPredictOp(data, images(), tf.zeros([7])))).toBe(
      `weights is float32 [7], expected float32 [${parameterCount}]`,
    );
  });
});
