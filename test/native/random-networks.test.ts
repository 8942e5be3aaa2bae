import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { loadedOps, loadTensorFlow } from '../../src/backend/tf.ts';
import type { NamedArray } from '../../src/core/tensor-file.ts';
import { createPairs } from '../../src/data/pairs.ts';
import type { Architecture } from '../../src/model/architectures.ts';
import { buildModel, disposeModel } from '../../src/model/model.ts';
import { createWeights, readWeights, writeWeights } from '../../src/model/weights.ts';
import { createStepper } from '../../src/train/train.ts';
import { createSmallSplits } from '../support/digits.ts';
import { randomNetworks } from '../support/random-networks.ts';

/** How many, and which: RANDOM_NETWORKS=500 RANDOM_NETWORKS_SEED=2 npm test -- test/native/random-networks.test.ts */
const count = Number(process.env['RANDOM_NETWORKS'] ?? 25);
const seed = Number(process.env['RANDOM_NETWORKS_SEED'] ?? 1);

const { train: digits } = createSmallSplits(40, 1);
const learningRate = 0.001;
const batchSizes = fc.integer({ min: 1, max: 13 });

beforeAll(async () => {
  await loadTensorFlow();
  expect(loadedOps(), 'the fused ops are built').toBeDefined();
});

test(
  'random networks train alike on the fused ops and on the stock ones',
  () => {
    const property = fc.property(randomNetworks, batchSizes, (architecture, batchSize) => {
      const fused = trainSome(architecture, 'fused', batchSize);
      const stock = trainSome(architecture, 'stock', batchSize);
      const difference = findDifference(fused, stock);
      // In one line, to try it again as a file of a network.
      if (difference !== undefined) throw new Error(`${difference}\n${JSON.stringify(architecture)}`);
    });
    fc.assert(property, { numRuns: count, seed, interruptAfterTimeLimit: 150_000 + count * 1000 });
    console.log(`seed ${seed}: ${count} random networks compared`);
  },
  200_000 + count * 1000,
);

interface Outcome {
  readonly losses: readonly number[];
  readonly weights: readonly NamedArray[];
  /** Adam's running mean of each trainable variable's gradient. */
  readonly means: readonly NamedArray[];
}

function trainSome(architecture: Architecture, kernels: 'fused' | 'stock', batchSize: number): Outcome {
  const model = buildModel(architecture, kernels);
  // No bias and no offset is 0: blank paper would sit on the kink of ReLU.
  const first = createWeights(architecture, 3).map((array) =>
    /\/(bias|beta)$/.test(array.name) ? { ...array, values: array.values.fill(0.05) } : array,
  );
  writeWeights(model, first);
  const examples = architecture.task === 'sum' ? createPairs(digits, 1) : digits;
  const stepper = createStepper(model, { examples, optimizer: 'adam', seed: 5 });
  const scores = stepper.run(
    [1, 2, 3].map((step) => ({
      step,
      learningRate,
      indices: Uint32Array.from({ length: batchSize }, (_, index) => (step - 1) * batchSize + index),
    })),
  );
  stepper.writeBack();
  const means = stepper.capture().filter(({ name }) => name.startsWith('mean/'));
  const result = { losses: scores.map(({ loss }) => loss), weights: readWeights(model), means };
  stepper.dispose();
  disposeModel(model);
  return result;
}

/** Of each step, relative to the loss: from the second on, weights differ too. */
const lossTolerances = [1e-5, 1e-3, 1e-3];
/** Of a variable's gradients together, relative to them. A maximum of two equal values sends a gradient one way or the other. */
const meanTolerance = 5e-3;
/**
 * Relative to the learning rate, for all weights but `mostFar` of them: where a gradient is nearly 0, Adam takes a whole step
 * whichever way rounding points. Where it is below `noise` of the largest, nothing is expected of the weight.
 */
const weightTolerance = 0.1;
const mostFar = 0.01;
const noise = 1e-3;
/** Of a running mean or variance, relative to it and absolute. */
const movingTolerances = [1e-3, 1e-4] as const;

/** The first thing that differs by more than rounding explains, in words. */
function findDifference(fused: Outcome, stock: Outcome): string | undefined {
  for (const [index, loss] of stock.losses.entries()) {
    const other = fused.losses[index] ?? Number.NaN;
    if (!(Math.abs(other - loss) <= (lossTolerances[index] ?? 0) * loss))
      return `the loss of step ${index + 1} is ${other} on the fused ops, ${loss} on the stock ones`;
  }
  const trained = stock.weights.filter(({ name }) => !isMoving(name));
  const wholeNorm = Math.hypot(...stock.means.map(({ values }) => normOf(values)));
  const largest = Math.max(...stock.means.map(({ values }) => largestOf(values)));
  let [far, clear] = [0, 0];
  for (const [index, { name, values }] of trained.entries()) {
    const [own, ours] = [valuesOf(stock.means, index), valuesOf(fused.means, index)];
    // The gradient of a bias in front of batch normalization is nothing but rounding.
    const limit = meanTolerance * (normOf(own) + noise * wholeNorm);
    const off = normOf(own.map((mean, at) => mean - (ours[at] ?? Number.NaN)));
    if (!(off <= limit)) return `the gradients of ${name} differ by ${off}, expected at most ${limit}`;
    const other = fused.weights.find((array) => array.name === name)?.values ?? [];
    values.forEach((weight, at) => {
      if (Math.abs(own[at] ?? 0) < noise * largest) return;
      clear++;
      if (!(Math.abs(weight - (other[at] ?? Number.NaN)) <= weightTolerance * learningRate)) far++;
    });
  }
  if (far > mostFar * clear) return `${far} of ${clear} weights differ`;
  return findMovingDifference(fused, stock);
}

function findMovingDifference(fused: Outcome, stock: Outcome): string | undefined {
  const [relative, absolute] = movingTolerances;
  for (const [index, { name, values }] of stock.weights.entries()) {
    const other = valuesOf(fused.weights, index);
    const isFar = (value: number, at: number) =>
      !(Math.abs(value - (other[at] ?? Number.NaN)) <= relative * Math.abs(value) + absolute);
    if (isMoving(name) && values.some(isFar)) return `${name} differs`;
  }
  return undefined;
}

function isMoving(name: string): boolean {
  return /\/moving_(mean|variance)$/.test(name);
}

function valuesOf(arrays: readonly NamedArray[], index: number): Float32Array {
  return arrays[index]?.values ?? new Float32Array();
}

function normOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function largestOf(values: Float32Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
