import type { Tensor2D } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import type { Examples } from '../data/split.ts';
import { countCorrect, predictClasses } from '../evaluate/metrics.ts';
import { taskOf } from '../model/architectures.ts';
import { forward, imagesToTensor } from '../model/forward.ts';
import { type Model, trainableVariables } from '../model/layers.ts';
import type { Score } from './events.ts';
import type { Optimizer } from './optimizer.ts';

/** What changes from step to step. */
export interface StepInput {
  readonly batch: Examples;
  /** Counts from 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly seed: number;
}

/**
 * One step of training: forward, softmax cross-entropy, backward, update.
 *
 * @returns the batch's mean loss and accuracy before the update.
 */
export function trainStep(model: Model, optimizer: Optimizer, input: StepInput): Score {
  const { batch, step, learningRate, seed } = input;
  return tf.tidy(() => {
    const { classes } = taskOf(model.architecture);
    const variables = trainableVariables(model);
    const images = imagesToTensor(model, batch.images);
    const labels = tf.oneHot(tf.tensor1d(Int32Array.from(batch.labels), 'int32'), classes);
    let logits: Tensor2D | undefined;
    const { value: loss, grads } = tf.variableGrads(() => {
      logits = tf.keep(forward(model, images, { seed, step }));
      return tf.losses.softmaxCrossEntropy(labels, logits).asScalar();
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
