import type { Tensor1D } from '@tensorflow/tfjs-node';
import { warpKey } from '../augment/training-examples.ts';
import { createTrainer, type OpArray, type OpPlan, packBytes } from '../backend/ops.ts';
import { tf } from '../backend/tf.ts';
import { counterKey } from '../core/counter.ts';
import type { NamedArray } from '../core/tensor-file.ts';
import type { Examples } from '../data/split.ts';
import { allVariables, type Model, trainableVariables } from '../model/model.ts';
import { assignFlat, flattenVariables } from '../model/weights.ts';
import { adamStep, type Betas, usualBetas } from './adam.ts';
import { usualMomentum } from './momentum.ts';
import { findSlot, type OptimizerName } from './optimizer.ts';
import type { StepInput, Stepper, StepperOptions } from './stepper.ts';

const wantedMs = 32;
const mostSteps = 64;

/** What each optimizer remembers: its name in checkpoints, and the array of the op that holds it. */
const memories: Readonly<Record<OptimizerName, readonly (readonly [kind: string, array: OpArray])[]>> = {
  adam: [
    ['mean', 'means'],
    ['square', 'squares'],
  ],
  momentum: [['velocity', 'means']],
  sgd: [],
};

/**
 * Trains through our own op, which runs whole steps: gather the batch, forward, loss, backward, update. Weights and memory
 * live there; the model's variables follow when they are requested.
 */
export function createFusedStepper(
  model: Model,
  plan: OpPlan,
  {
    examples,
    warp,
    optimizer,
    betas = usualBetas,
    weightDecay = 0,
    labelSmoothing = 0,
    seed,
  }: StepperOptions,
): Stepper {
  const trainer = createTrainer(plan, { method: optimizer, labelSmoothing, warp });
  const write = (array: OpArray, values: Tensor1D) => {
    trainer.write(array, values);
    values.dispose();
  };
  write('weights', flattenVariables(model));
  const fixed = packExamples(examples);
  let stepMs = wantedMs;
  let isAhead = false;

  const runTogether = (steps: readonly StepInput[]) => {
    const batchSize = steps[0]?.indices.length ?? 0;
    const startMs = performance.now();
    const batch = joinVaried(steps);
    const varying = {
      ...(batch && packExamples(batch)),
      indices: tf.tensor1d(
        Int32Array.from(
          steps.flatMap(({ indices }) => [...indices]),
          (index, at) => (batch ? at : index),
        ),
        'int32',
      ),
      keys: tf.tensor1d(
        randomKeys(plan, steps, {
          seed,
          isWarped: trainer.isWarped,
        }),
        'int32',
      ),
      updates: tf.tensor1d(
        Float32Array.from(steps.flatMap((step) => updateNumbers(optimizer, step, { betas, weightDecay }))),
      ),
    };
    const { losses, correct } = trainer.train({ ...fixed, ...varying });
    isAhead = true;
    const [lossValues, correctValues] = [losses.dataSync(), correct.dataSync()];
    tf.dispose([losses, correct, ...Object.values(varying)]);
    stepMs = (performance.now() - startMs) / steps.length;
    return steps.map((_, index) => ({
      loss: lossValues[index] ?? Number.NaN,
      accuracy: (correctValues[index] ?? 0) / batchSize,
    }));
  };

  return {
    stepsAtOnce: () => Math.max(1, Math.min(mostSteps, Math.floor(wantedMs / stepMs))),
    run: (steps) => splitByBatchSize(steps).flatMap(runTogether),
    writeBack: () => {
      if (!isAhead) return;
      const weights = trainer.read('weights');
      assignFlat(model, weights);
      weights.dispose();
      isAhead = false;
    },
    capture: () =>
      memories[optimizer].flatMap(([kind, array]) => {
        const flat = trainer.read(array);
        const cut = cutByVariable(model, kind, flat);
        flat.dispose();
        return cut;
      }),
    restore: (arrays) => {
      const restored = memories[optimizer].map(
        ([kind, array]) => [array, joinByVariable(model, kind, arrays)] as const,
      );
      for (const [array, values] of restored) write(array, values);
    },
    dispose: () => {
      trainer.dispose();
      tf.dispose(Object.values(fixed));
    },
  };
}

/** The numbers of `UpdateStep` in native/plan.h. */
function updateNumbers(
  optimizer: OptimizerName,
  step: StepInput,
  { betas, weightDecay }: { readonly betas: Betas; readonly weightDecay: number },
): readonly number[] {
  const { learningRate } = step;
  const decay = learningRate * weightDecay;
  if (optimizer === 'adam') return [...adamStep(step, betas), decay];
  return [optimizer === 'momentum' ? usualMomentum : 0, 0, 1, 0, learningRate, 0, decay];
}

function packExamples({ images, labels }: Pick<Examples, 'images' | 'labels'>) {
  return { images: packBytes(images), labels: packBytes(labels) };
}

/** The varied examples of several steps, one after the other; `undefined` where they have none. */
function joinVaried(steps: readonly StepInput[]): Pick<Examples, 'images' | 'labels'> | undefined {
  const batches = steps.flatMap(({ examples }) => examples ?? []);
  if (batches.length === 0) return undefined;
  return {
    images: new Uint8Array(Buffer.concat(batches.map(({ images }) => images))),
    labels: new Uint8Array(Buffer.concat(batches.map(({ labels }) => labels))),
  };
}

/** For each step a key for each dropout layer, and for the warp: the same masks and variants as on the stock path. */
function randomKeys(
  { layers }: OpPlan,
  steps: readonly StepInput[],
  { seed, isWarped }: { readonly seed: number; readonly isWarped: boolean },
): Int32Array {
  const positions = layers.flatMap((layer) => (layer.kind === 'dropout' ? [layer.position] : []));
  const keys = steps.flatMap(({ step, epoch = 1 }) => [
    ...positions.map((position) => counterKey(seed, 'dropout', position, step)),
    ...(isWarped ? [warpKey(seed, Math.ceil(epoch))] : []),
  ]);
  // An empty tensor has no memory for TensorFlow to give: one number that nothing reads.
  return keys.length === 0 ? new Int32Array(1) : Int32Array.from(keys, (key) => key | 0);
}

/** One call of the op has batches of one size; the last of an epoch may be shorter. */
function splitByBatchSize(steps: readonly StepInput[]): readonly (readonly StepInput[])[] {
  const groups: StepInput[][] = [];
  for (const step of steps) {
    const group = groups.at(-1);
    if (group?.[0]?.indices.length === step.indices.length) group.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** The values of each trained variable, out of a vector with numbers for all variables. */
function cutByVariable(model: Model, kind: string, flat: Tensor1D): readonly NamedArray[] {
  const values = new Float32Array(flat.dataSync());
  const trained = new Set(trainableVariables(model));
  const arrays: NamedArray[] = [];
  let start = 0;
  for (const variable of allVariables(model)) {
    const end = start + variable.size;
    if (trained.has(variable))
      arrays.push({
        name: `${kind}/${arrays.length}`,
        shape: variable.shape,
        values: values.slice(start, end),
      });
    start = end;
  }
  return arrays;
}

/** The other way round: zeros for variables that are not trained. */
function joinByVariable(model: Model, kind: string, arrays: readonly NamedArray[]): Tensor1D {
  const trained = trainableVariables(model);
  const parts = allVariables(model).map((variable) => {
    const index = trained.indexOf(variable);
    return index < 0 ? new Float32Array(variable.size) : findSlot(arrays, `${kind}/${index}`, variable.shape);
  });
  return tf.tidy(() => tf.concat(parts.map((part) => tf.tensor1d(part))));
}
