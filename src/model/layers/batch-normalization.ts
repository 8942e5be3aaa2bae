import type { Tensor } from '@tensorflow/tfjs-node';
import { tf } from '../../backend/tf.ts';
import { kerasClass } from './keras-settings.ts';
import type { LayerKind } from './layer-kind.ts';
import { toImage } from './layer-plan.ts';

/**
 * Gives each channel mean 0 and variance 1, then a scale and an offset that are learned (Ioffe and Szegedy, 2015). In training
 * with the mean and variance of the batch, else with their running averages: momentum 0.99, epsilon 0.001.
 */
export interface BatchNormalization {
  readonly type: 'batchNormalization';
}

export const batchNormalization: LayerKind<BatchNormalization> = {
  type: 'batchNormalization',
  keys: () => ({}),
  describe: () => 'batch normalization',

  outputShape: (_, inputShape) => inputShape,
  weights: (_, inputShape) => {
    const ofEachChannel = [inputShape.at(-1) ?? 0];
    return {
      gamma: ofEachChannel,
      beta: ofEachChannel,
      moving_mean: ofEachChannel,
      moving_variance: ofEachChannel,
    };
  },
  firstWeights: () => ({ gamma: 'ones', moving_variance: 'ones' }),

  build: ({ name }, input) => tf.layers.batchNormalization({ name, ...input }),
  train: (built, values) => built.apply(values, { training: true }) as Tensor, // one tensor in, one out
  plan: ({ inputShape }) => ({ layer: { kind: 'normalization', input: toImage(inputShape) } }),
  keras: [
    kerasClass({
      className: 'BatchNormalization',
      // With other settings tfjs would compute something else; the momentum matters in training alone.
      settings: (z) => {
        const axis = z.literal([-1, 1, 3]);
        return z.object({
          // Keras 2 writes an axis as a list.
          axis: z.union([axis, z.tuple([axis]).transform(([only]) => only)]),
          momentum: z.number().min(0).max(1),
          epsilon: z.literal(0.001),
          center: z.literal(true),
          scale: z.literal(true),
          renorm: z.literal(false).nullish(),
        });
      },
      read: () => ({ type: 'batchNormalization' }),
      findProblem: ({ axis }, inputShape) =>
        axis === -1 || axis === inputShape.length
          ? undefined
          : `axis ${axis}, expected -1 or ${inputShape.length}`,
    }),
  ],
};
