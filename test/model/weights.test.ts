import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { findArchitecture } from '../../src/model/architectures.ts';
import { buildModel, disposeModel, trainableVariables } from '../../src/model/model.ts';
import { checkWeights, createWeights, readWeights, writeWeights } from '../../src/model/weights.ts';
import { catchError } from '../support/caught.ts';
import { createModel, tiny } from '../support/model.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

const weights = createWeights(tiny, 3);

describe('first weights', () => {
  const cnn = createWeights(findArchitecture('cnn'), 0);
  const find = (name: string) => cnn.find((array) => array.name === name)?.values ?? new Float32Array();

  test('have zero biases', () => {
    const biases = cnn.filter(({ name }) => name.endsWith('/bias')).flatMap(({ values }) => [...values]);
    expect(new Set(biases)).toEqual(new Set([0]));
  });

  test.each([
    ['conv2d_1/kernel', 25, 25 * 16],
    ['conv2d_2/kernel', 25 * 16, 25 * 32],
    ['dense_1/kernel', 1568, 10],
  ])('of %s fill the range that Glorot and Bengio give', (name, fanIn, fanOut) => {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    const largest = find(name).reduce((found, value) => Math.max(found, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest).toBeGreaterThan(limit * 0.98);
  });

  test('have the variance of a uniform distribution', () => {
    const values = find('dense_1/kernel');
    const limit = Math.sqrt(6 / 1578);
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.abs(variance / (limit ** 2 / 3) - 1)).toBeLessThan(0.05);
  });

  test('are normal where the layer says so', () => {
    const [kernel] = createWeights(findArchitecture('conv3x3'), 0).slice(1);
    const values = kernel?.values ?? new Float32Array();
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    expect(Math.abs(deviation * 1352 - 1)).toBeLessThan(0.05);
  });

  test('are the same for the same seed', () => {
    expect(createWeights(tiny, 3)).toEqual(weights);
  });

  test('differ for another seed', () => {
    expect(createWeights(tiny, 4)).not.toEqual(weights);
  });

  test('differ from layer to layer', () => {
    const twice = createWeights(
      {
        ...tiny,
        layers: [{ type: 'flatten' }, { type: 'dense', units: 784 }, { type: 'dense', units: 784 }],
      },
      0,
    );
    expect(twice[2]?.values).not.toEqual(twice[0]?.values);
  });
});

describe('a model', () => {
  test('is built with zero weights', () => {
    const model = buildModel(tiny);
    expect(new Set(readWeights(model).flatMap(({ values }) => [...values]))).toEqual(new Set([0]));
    disposeModel(model);
  });

  test('gives back the weights that were written, bit for bit', () => {
    const model = buildModel(tiny);
    writeWeights(model, weights);
    expect(readWeights(model)).toEqual(weights);
    disposeModel(model);
  });

  test('keeps its own names when another of the same design lives beside it', () => {
    const models = [createModel(), createModel()];
    expect(models.map((model) => readWeights(model).map(({ name }) => name))).toEqual([
      weights.map(({ name }) => name),
      weights.map(({ name }) => name),
    ]);
    models.forEach(disposeModel);
  });

  test('gives copies: what is read does not change with the model', () => {
    const model = createModel();
    const before = readWeights(model);
    writeWeights(model, createWeights(tiny, 9));
    expect(before).toEqual(weights);
    disposeModel(model);
  });

  test('leaves no tensor behind when weights are written and read', () => {
    const model = createModel();
    const before = tf.memory().numTensors;
    writeWeights(model, weights);
    readWeights(model);
    expect(tf.memory().numTensors).toBe(before);
    disposeModel(model);
  });

  test('leaves no tensor behind when it is disposed', () => {
    const before = tf.memory().numTensors;
    disposeModel(createModel());
    expect(tf.memory().numTensors).toBe(before);
  });

  test('has its variables in the order of its weights', () => {
    const model = createModel();
    expect(trainableVariables(model).map(({ shape }) => shape)).toEqual(weights.map(({ shape }) => shape));
    disposeModel(model);
  });
});

describe('weights that do not fit', () => {
  const refusal = (arrays: typeof weights) => catchError(() => checkWeights(tiny, arrays, 'x.weights'));
  const names = weights.map(({ name }) => name).join(', ');

  test.each<[string, typeof weights, string]>([
    ['of no array', [], `expected ${names}, found none`],
    [
      'with one missing',
      weights.slice(1),
      `expected ${names}, found ${names.replace('conv2d_1/kernel, ', '')}`,
    ],
    [
      'with one too many',
      [...weights, { name: 'more', shape: [1], values: Float32Array.of(0) }],
      `expected ${names}, found ${names}, more`,
    ],
    [
      'of another shape',
      weights.map((array) => (array.name === 'dense_1/bias' ? { ...array, shape: [2, 4] } : array)),
      'dense_1/bias has shape 2 x 4, expected 8',
    ],
    [
      'with NaN',
      weights.map((array) =>
        array.name === 'dense_1/bias' ? { ...array, values: new Float32Array(8).fill(Number.NaN, 5) } : array,
      ),
      'dense_1/bias[5] is NaN, expected finite numbers',
    ],
  ])('%s are refused', (_, arrays, reason) => {
    expect(refusal(arrays)).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: `these are not weights for the network tiny: ${reason}`,
      path: 'x.weights',
    });
  });

  test('leave the model as it was', () => {
    const model = createModel();
    catchError(() => writeWeights(model, weights.slice(1)));
    expect(readWeights(model)).toEqual(weights);
    disposeModel(model);
  });
});
