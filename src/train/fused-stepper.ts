import type { Tensor1D } from '@tensorflow/tfjs-node';
import type { TakeBatch } from '../augment/training-examples.ts';
import { createOpData, type OpPlan, packBytes, runTrainOp } from '../backend/ops.ts';
import { tf } from '../backend/tf.ts';
import { counterKey } from '../core/counter.ts';
import type { NamedArray } from '../core/tensor-file.ts';
import type { Examples } from '../data/split.ts';
import { type Model, trainableVariables } from '../model/model.ts';
import { assignFlat, flattenVariables } from '../model/weights.ts';
import { adamStep, usualBetas } from './adam.ts';
import { findSlot } from './optimizer.ts';
import type { StepInput, Stepper, StepperOptions } from './stepper.ts';

const wantedMs = 32;
const mostSteps = 64;

/**
 * Trains through our own op, which runs whole steps of Adam: gather the batch, forward, loss, backward, update. Weights and
 * memory go in and come out as tensors; the model's variables follow when they are requested.
 */
export function createFusedStepper(
  model: Model,
  plan: OpPlan,
  { examples, takeBatch, betas = usualBetas, seed }: StepperOptions,
): Stepper {
  const fixed = { ...createOpData(plan), ...packExamples(examples) };
  let weights = flattenVariables(model);
  let means: Tensor1D = tf.zerosLike(weights);
  let squares: Tensor1D = tf.zerosLike(weights);
  let stepMs = wantedMs;
  let isAhead = false;

  const replace = (changed: { weights: Tensor1D; means: Tensor1D; squares: Tensor1D }) => {
    tf.dispose([weights, means, squares]);
    ({ weights, means, squares } = changed);
    isAhead = true;
  };
  const runTogether = (steps: readonly StepInput[]) => {
    const batchSize = steps[0]?.indices.length ?? 0;
    const startMs = performance.now();
    const batch = takeBatch && joinBatches(steps, takeBatch);
    const varying = {
      ...(batch && packExamples(batch)),
      indices: tf.tensor1d(
        Int32Array.from(
          steps.flatMap(({ indices }) => [...indices]),
          (index, at) => (batch ? at : index),
        ),
        'int32',
      ),
      keys: tf.tensor1d(dropoutKeys(plan, steps, seed), 'int32'),
      adam: tf.tensor1d(Float32Array.from(steps.flatMap((step) => adamStep(step, betas)))),
    };
    const { losses, correct, ...changed } = runTrainOp({ ...fixed, ...varying, weights, means, squares });
    replace(changed);
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
      if (isAhead) assignFlat(model, weights);
      isAhead = false;
    },
    capture: () => [...cutByVariable(model, 'mean', means), ...cutByVariable(model, 'square', squares)],
    restore: (arrays) => {
      const restored = {
        means: joinByVariable(model, 'mean', arrays),
        squares: joinByVariable(model, 'square', arrays),
      };
      tf.dispose([means, squares]);
      ({ means, squares } = restored);
    },
    dispose: () => tf.dispose([weights, means, squares, ...Object.values(fixed)]),
  };
}

function packExamples({ images, labels }: Pick<Examples, 'images' | 'labels'>) {
  return { images: packBytes(images), labels: packBytes(labels) };
}

/** The varied examples of several steps, one after the other. */
function joinBatches(steps: readonly StepInput[], takeBatch: TakeBatch): Pick<Examples, 'images' | 'labels'> {
  const batches = steps.map(({ indices, epoch = 1 }) => takeBatch(indices, Math.ceil(epoch)));
  return {
    images: new Uint8Array(Buffer.concat(batches.map(({ images }) => images))),
    labels: new Uint8Array(Buffer.concat(batches.map(({ labels }) => labels))),
  };
}

/** A key for each step and dropout layer: the same masks as on the stock path. */
function dropoutKeys({ dropouts }: OpPlan, steps: readonly StepInput[], seed: number): Int32Array {
  const keys = steps.flatMap(({ step }) => dropouts.map((layer) => counterKey(seed, 'dropout', layer, step)));
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

function cutByVariable(model: Model, kind: string, flat: Tensor1D): readonly NamedArray[] {
  const values = new Float32Array(flat.dataSync());
  let start = 0;
  return trainableVariables(model).map(({ shape, size }, index) => {
    start += size;
    return { name: `${kind}/${index}`, shape, values: values.slice(start - size, start) };
  });
}

function joinByVariable(model: Model, kind: string, arrays: readonly NamedArray[]): Tensor1D {
  const parts = trainableVariables(model).map(({ shape }, index) =>
    findSlot(arrays, `${kind}/${index}`, shape),
  );
  return tf.tidy(() => tf.concat(parts.map((part) => tf.tensor1d(part))));
}
