import { beforeAll, describe, expect, it } from 'vitest';
import {
  createOpData,
  type OpPlan,
  packBytes,
  runPredictOp,
  runTrainOp,
  type TrainOpInput,
} from '../../src/backend/ops.ts';
import { loadedOps, loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { TrainerError } from '../../src/core/errors.ts';

beforeAll(async () => {
  await loadTensorFlow();
  expect(loadedOps(), 'the fused ops are built').toBeDefined();
});

const conv = [0, 6, 6, 1, 3, 1, 4, 3];
const secondConv = [0, 3, 3, 4, 2, 0, 5, 3];
const dropout = [2, 5, 0, 0, 0, 0, 0, 0];
const dense = [1, 5, 3, 0, 0, 0, 0, 2];
const plan: OpPlan = {
  imageSizeBytes: 36,
  layers: [conv, secondConv, dropout, dense],
  settings: [1 / 255, 0, 0, 0, 0.25, 0],
  dropouts: [5],
};
const parameterCount = 4 * (9 + 1) + 5 * (16 + 1) + 3 * (5 + 1);

/** The row with other numbers at some places. */
function change(row: readonly number[], values: Readonly<Record<number, number>>): readonly number[] {
  return row.map((value, index) => values[index] ?? value);
}

function withLayers(...layers: readonly (readonly number[])[]): Partial<OpPlan> {
  return { layers, settings: [1, 0, ...layers.map(() => 0)] };
}

/** Two steps on batches of three out of five images. */
function trainInput(): TrainOpInput {
  return {
    ...createOpData(plan, { threads: 1 }),
    images: packBytes(new Uint8Array(5 * 36).fill(200)),
    labels: packBytes(Uint8Array.from([0, 1, 2, 0, 1])),
    indices: ints([0, 1, 2, 3, 4, 0]),
    keys: ints([7, 8]),
    adam: tf.tensor1d([0.9, 0.999, 0.1, 0.001, 0.01, 1e-8, 0.9, 0.999, 0.1, 0.001, 0.01, 1e-8]),
    weights: tf.ones([parameterCount]),
    means: tf.zeros([parameterCount]),
    squares: tf.zeros([parameterCount]),
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
      widest: 16,
    });
  });

  const refused: readonly (readonly [string, Partial<OpPlan>])[] = [
    ['the size of an image is 0, expected a whole number from 1 to 1073741824', { imageSizeBytes: 0 }],
    ['the number of settings is 2, expected 6', { settings: [1, 0] }],
    ['a setting is NaN, expected a finite number', { settings: [Number.NaN, 0, 0, 0, 0, 0] }],
    ['the length of layer 0 is 2, expected 8', withLayers([0, 6])],
    [
      'a number of layer 0 is -1, expected a whole number from 0 to 1073741824',
      withLayers(change(conv, { 5: -1 })),
    ],
    [
      'a number of layer 0 is 2.5, expected a whole number from 0 to 1073741824',
      withLayers(change(conv, { 4: 2.5 })),
    ],
    ['the kind of layer 0 is 3, expected a whole number from 0 to 2', withLayers(change(conv, { 0: 3 }))],
    ['the number of inputs of layer 0 is 42, expected 36', withLayers(change(conv, { 1: 7 }))],
    ['the input shape of layer 0 is 6 x 3 x 2, expected 6 x 3 x 1', withLayers(change(conv, { 2: 3, 3: 2 }))],
    [
      'the input shape of layer 1 is 3 x 4 x 3, expected 3 x 3 x 4',
      withLayers(conv, change(secondConv, { 2: 4, 3: 3 })),
    ],
    [
      'the kernel size of layer 0 is 0, expected a whole number from 1 to 7',
      withLayers(change(conv, { 4: 0 })),
    ],
    [
      'the kernel size of layer 0 is 8, expected a whole number from 1 to 7',
      withLayers(change(conv, { 4: 8 })),
    ],
    [
      'the number of filters of layer 0 is 0, expected a whole number from 1 to 1073741824',
      withLayers(change(conv, { 6: 0 })),
    ],
    ['the flags of layer 0 is 4, expected a whole number from 0 to 3', withLayers(change(conv, { 7: 4 }))],
    [
      'the padded size of layer 0 is 1600320016, expected a whole number from 1 to 1073741824',
      withLayers(change(conv, { 5: 19_999 })),
    ],
    [
      'the size of the filters of layer 0 is 1610612736, expected a whole number from 1 to 1073741824',
      withLayers(change(conv, { 6: 2 ** 25 })),
    ],
    [
      'the size of the output of layer 0 is 1509949440, expected a whole number from 1 to 1073741824',
      withLayers(change(conv, { 4: 1, 5: 9, 6: 10_485_760 })),
    ],
    [
      'the input shape of layer 1 is 3 x 3 x 4, expected no convolution',
      withLayers([1, 36, 36, 0, 0, 0, 0, 0], secondConv),
    ],
    ['the number of inputs of layer 1 is 35, expected 36', withLayers(conv, [1, 35, 3, 0, 0, 0, 0, 2])],
    [
      'the number of units of layer 0 is 0, expected a whole number from 1 to 22369621',
      withLayers([1, 36, 0, 0, 0, 0, 0, 2]),
    ],
    ['the flags of layer 0 is 4, expected a whole number from 0 to 3', withLayers([1, 36, 3, 0, 0, 0, 0, 4])],
    [
      'the number of inputs of layer 2 is 6, expected 5',
      withLayers(conv, secondConv, change(dropout, { 1: 6 })),
    ],
    ['the rate of layer 2 is 1, expected from 0 to below 1', { settings: [1, 0, 0, 0, 1, 0] }],
    [
      'the rate of layer 2 is 0.999999999, expected from 0 to below 1',
      { settings: [1, 0, 0, 0, 1 - 1e-9, 0] },
    ],
    ['a setting is 1e+39, expected a finite number', { settings: [1e39, 0, 0, 0, 0, 0] }],
    ['the rate of layer 2 is -0.1, expected from 0 to below 1', { settings: [1, 0, 0, 0, -0.1, 0] }],
    ['the kind of the last layer is none, expected 1', withLayers()],
    ['the kind of the last layer is 0, expected 1', withLayers(conv)],
    ['the last layer is one with ReLU, expected one without ReLU', withLayers([1, 36, 3, 0, 0, 0, 0, 3])],
    [
      'the number of parameters is 1163220032, expected a whole number from 1 to 1073741824',
      withLayers([1, 36, 22_369_616, 0, 0, 0, 0, 0], [1, 22_369_616, 16, 0, 0, 0, 0, 0]),
    ],
    ['the number of dropout layers is 0, expected 1', { dropouts: [] }],
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
  it('runs on sound arguments', () => {
    expect(runTrainOp(trainInput()).losses.dataSync()).toHaveLength(2);
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
      'the number of steps, a sixth of the numbers for Adam, is 0.5, expected a whole number from 1 to 1073741824',
      () => ({ adam: tf.zeros([3]) }),
    ],
    ['adam is int32 [6], expected float32 [6]', () => ({ adam: tf.zeros([6], 'int32') })],
    [
      'a number for Adam is Infinity, expected a finite one',
      () => ({ adam: tf.tensor1d([0, 0, 1, 1, 1e40, 0]) }),
    ],
    [
      'the batch size, indices for each step, is 2.5, expected a whole number from 1 to 67108864',
      () => ({ indices: ints([0, 1, 2, 3, 4]) }),
    ],
    ['indices is float32 [6], expected int32 [6]', () => ({ indices: tf.zeros([6]) })],
    ['an index is 5, expected a whole number from 0 to 4', () => ({ indices: ints([0, 1, 2, 3, 4, 5]) })],
    ['an index is -1, expected a whole number from 0 to 4', () => ({ indices: ints([0, 1, 2, 3, 4, -1]) })],
    ['keys is int32 [1], expected int32 [2]', () => ({ keys: ints([7]) })],
    ...(['weights', 'means', 'squares'] as const).map(
      (name) =>
        [
          `${name} is float32 [1], expected float32 [${parameterCount}]`,
          () => ({ [name]: tf.zeros([1]) }),
        ] as const,
    ),
    ['weights is float32 [1,143], expected float32 [143]', () => ({ weights: tf.zeros([1, 143]) as never })],
  ];

  it.each(refused)('is refused where %s', (message, changes) => {
    expect(refusal(() => runTrainOp({ ...trainInput(), ...changes() }))).toBe(message);
  });

  it('is refused where batches are so large that C++ would count past 32 bits', () => {
    const input = trainInput();
    const sizes = { ...input.sizes, widest: 2 ** 29 };
    expect(refusal(() => runTrainOp({ ...input, sizes }))).toBe(
      'the batch size, indices for each step, is 3, expected a whole number from 1 to 2',
    );
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
