import type { Tensor2D } from '@tensorflow/tfjs-node';
import { createTakeBatch } from '../augment/training-examples.ts';
import { tf } from '../backend/tf.ts';
import { type Examples, takeExamples } from '../data/split.ts';
import { countCorrect, predictClasses } from '../evaluate/metrics.ts';
import { taskOf } from '../model/architectures.ts';
import { forward, imagesToTensor } from '../model/forward.ts';
import { type Model, trainableVariables } from '../model/model.ts';
import { createAdam } from './adam.ts';
import type { Score } from './events.ts';
import { createMomentum, usualMomentum } from './momentum.ts';
import type { Optimizer, OptimizerName } from './optimizer.ts';
import type { Stepper, StepperOptions } from './stepper.ts';
import { withWeightDecay } from './weight-decay.ts';

/** Trains through TensorFlow's own ops, one step at a time: any network, any optimizer. */
export function createStockStepper(
  model: Model,
  { examples, variation, optimizer: name, labelSmoothing, seed, ...options }: StepperOptions,
): Stepper {
  const optimizer = createOptimizer(name, model, options);
  const takeBatch = variation && createTakeBatch(examples, { ...variation, seed });
  return {
    stepsAtOnce: () => 1,
    run: (steps) =>
      steps.map(({ step, epoch = 1, learningRate, indices }) => {
        const batch = takeBatch?.(indices, Math.ceil(epoch)) ?? takeExamples(examples, indices);
        return trainStep(model, optimizer, { batch, step, learningRate, labelSmoothing, seed });
      }),
    writeBack: () => {},
    capture: optimizer.capture,
    restore: optimizer.restore,
    dispose: optimizer.dispose,
  };
}

/** Creates the optimizer of this name for a model's weights, its memory zero; `betas` are for Adam. */
export function createOptimizer(
  name: OptimizerName,
  model: Model,
  { betas, weightDecay = 0 }: Pick<StepperOptions, 'betas' | 'weightDecay'> = {},
): Optimizer {
  const variables = trainableVariables(model);
  const optimizer =
    name === 'adam'
      ? createAdam(variables, betas)
      : createMomentum(variables, name === 'sgd' ? 0 : usualMomentum);
  return withWeightDecay(optimizer, variables, weightDecay);
}

/** One batch, and when it is trained on. */
export interface BatchInput {
  readonly batch: Examples;
  /** Counts from 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly labelSmoothing?: number | undefined;
  readonly seed: number;
}

/**
 * One step of training: forward, softmax cross-entropy, backward, update.
 *
 * @returns the batch's mean loss and accuracy before the update.
 */
export function trainStep(model: Model, optimizer: Optimizer, input: BatchInput): Score {
  const { batch, step, learningRate, labelSmoothing = 0, seed } = input;
  return tf.tidy(() => {
    const { classes } = taskOf(model.architecture);
    const variables = trainableVariables(model);
    const images = imagesToTensor(model, batch.images);
    const targets = createTargets(batch.labels, classes, labelSmoothing);
    let logits: Tensor2D | undefined;
    const { value: loss, grads } = tf.variableGrads(() => {
      logits = tf.keep(forward(model, images, { seed, step }));
      return tf.losses.softmaxCrossEntropy(targets, logits).asScalar();
    }, variables);
    optimizer.apply(
      variables.map(({ name }) => grads[name] ?? tf.scalar(0)),
      { step, learningRate },
    );
    const predictions = predictClasses(
      (logits?.dataSync() as Float32Array | undefined) ?? new Float32Array(),
      batch.count,
    );
    logits?.dispose();
    return {
      loss: loss.dataSync()[0] ?? Number.NaN,
      accuracy: countCorrect(predictions, batch.labels) / batch.count,
    };
  });
}

/**
 * The wanted probabilities, [B, classes]: one for the label, less what `smoothing` gives to all alike, or equal ones for the
 * label `classes`, which is none.
 */
function createTargets(labels: Uint8Array, classes: number, smoothing: number): Tensor2D {
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
  labels.forEach((label, at) => {
    if (label < classes) targets[at * classes + label] = 1 - smoothing + smoothing / classes;
    else targets.fill(1 / classes, at * classes, (at + 1) * classes);
  });
  return tf.tensor2d(targets, [labels.length, classes]);
}
