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
const learningRate = 0.01;
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
  /** How much the steps changed each variable, running means and variances included. */
  readonly changes: readonly NamedArray[];
}

/** Plain descent: unlike Adam, it makes no whole step out of a gradient that is nothing but rounding. */
function trainSome(architecture: Architecture, kernels: 'fused' | 'stock', batchSize: number): Outcome {
  const model = buildModel(architecture, kernels);
  // No bias and no offset is 0: blank paper would sit on the kink of ReLU.
  const first = createWeights(architecture, 3).map((array) =>
    /\/(bias|beta)$/.test(array.name) ? { ...array, values: array.values.fill(0.05) } : array,
  );
  writeWeights(model, first);
  const examples = architecture.task === 'sum' ? createPairs(digits, 1) : digits;
  const stepper = createStepper(model, { examples, optimizer: 'sgd', seed: 5 });
  const scores = stepper.run(
    [1, 2, 3].map((step) => ({
      step,
      learningRate,
      indices: Uint32Array.from({ length: batchSize }, (_, index) => (step - 1) * batchSize + index),
    })),
  );
  stepper.writeBack();
  const changes = readWeights(model).map(({ name, shape, values }, index) => ({
    name,
    shape,
    values: values.map((value, at) => value - (first[index]?.values[at] ?? Number.NaN)),
  }));
  stepper.dispose();
  disposeModel(model);
  return { losses: scores.map(({ loss }) => loss), changes };
}

/** Relative to the loss. */
const lossTolerance = 1e-4;
/** Of a variable's change, relative to it. A maximum of two equal values sends a gradient one way or the other. */
const changeTolerance = 5e-3;
/** Of all changes together: that of a bias in front of batch normalization is nothing but rounding. */
const noise = 1e-3;

/** The first thing that differs by more than rounding explains, in words. */
function findDifference(fused: Outcome, stock: Outcome): string | undefined {
  for (const [index, loss] of stock.losses.entries()) {
    const other = fused.losses[index] ?? Number.NaN;
    if (!(Math.abs(other - loss) <= lossTolerance * loss))
      return `the loss of step ${index + 1} is ${other} on the fused ops, ${loss} on the stock ones`;
  }
  const all = Math.hypot(...stock.changes.map(({ values }) => normOf(values)));
  for (const [index, { name, values }] of stock.changes.entries()) {
    const other = fused.changes[index]?.values ?? new Float32Array();
    const limit = changeTolerance * normOf(values) + noise * all;
    const off = normOf(values.map((value, at) => value - (other[at] ?? Number.NaN)));
    if (!(off <= limit)) return `the changes of ${name} differ by ${off}, expected at most ${limit}`;
  }
  return undefined;
}

function normOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
