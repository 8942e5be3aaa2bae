import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { takeRange } from '../../src/data/split.ts';
import { evaluateModel } from '../../src/evaluate/evaluate.ts';
import { findArchitecture } from '../../src/model/architectures.ts';
import { buildModel } from '../../src/model/model.ts';
import { createWeights, readWeights, writeWeights } from '../../src/model/weights.ts';
import { createOptimizer, trainStep } from '../../src/train/stock-stepper.ts';
import { createSmallSplits } from '../support/digits.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

const { train: examples } = createSmallSplits(20, 1);

function createTrained() {
  const model = buildModel(findArchitecture('cnn'));
  writeWeights(model, createWeights(model.architecture, 0));
  return { model, optimizer: createOptimizer('sgd', model) };
}

describe('trainStep', () => {
  test('gives the loss and accuracy of the batch before the update', async () => {
    const { model, optimizer } = createTrained();
    const before = await evaluateModel(model, examples);
    const score = trainStep(model, optimizer, { batch: examples, step: 1, learningRate: 0.1, seed: 0 });
    expect(score.loss).toBeCloseTo(before.loss, 5);
    expect(score.accuracy).toBe(before.accuracy);
  });

  test('goes along the gradient that finite differences give', async () => {
    const { model, optimizer } = createTrained();
    const batch = takeRange(examples, 0, 4);
    // Biases off 0, since blank paper would sit on the kink of ReLU; for the same reason none of them is shifted here.
    const before = createWeights(model.architecture, 0).map((array) =>
      array.name.endsWith('/bias') ? { ...array, values: array.values.fill(0.05) } : array,
    );
    writeWeights(model, before);
    trainStep(model, optimizer, { batch, step: 1, learningRate: 1, seed: 0 });
    const after = readWeights(model);
    for (const [array, index] of [
      [0, 7],
      [2, 1234],
      [4, 4321],
      [5, 3],
    ] as const) {
      const gradient = (before[array]?.values[index] ?? 0) - (after[array]?.values[index] ?? 0);
      const lossAt = async (shift: number) => {
        const shifted = before.map((entry) => ({ ...entry, values: entry.values.slice() }));
        const values = shifted[array]?.values ?? new Float32Array();
        values[index] = (values[index] ?? 0) + shift;
        writeWeights(model, shifted);
        return (await evaluateModel(model, batch)).loss;
      };
      const difference = ((await lossAt(0.001)) - (await lossAt(-0.001))) / 0.002;
      expect(difference).toBeCloseTo(gradient, 3);
    }
  });

  test('keeps the number of tensors constant over 1,000 steps', () => {
    const { model, optimizer } = createTrained();
    const batch = takeRange(examples, 0, 2);
    trainStep(model, optimizer, { batch, step: 1, learningRate: 0.001, seed: 0 });
    const before = tf.memory().numTensors;
    for (let step = 2; step <= 1001; step++) {
      trainStep(model, optimizer, { batch, step, learningRate: 0.001, seed: 0 });
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
