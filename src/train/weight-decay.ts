import type { Variable } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import type { Optimizer } from './optimizer.ts';

/**
 * Shrinks kernels at each step besides what the optimizer does to them: `w -= learningRate * weightDecay * w`, of the weights
 * before the step (decoupled weight decay, Loshchilov and Hutter, 2019; PyTorch's AdamW). The gradients and the optimizer's
 * memory know nothing of it.
 */
export function withWeightDecay(
  optimizer: Optimizer,
  variables: readonly Variable[],
  weightDecay: number,
): Optimizer {
  if (weightDecay === 0) return optimizer;
  // Kernels are [in, units] or [height, width, in, filters]; biases and batch normalization's scale and offset have one axis.
  const kernels = variables.filter(({ rank }) => rank > 1);
  return {
    ...optimizer,
    apply: (gradients, at) => {
      const kept = 1 - at.learningRate * weightDecay;
      for (const kernel of kernels) tf.tidy(() => kernel.assign(kernel.mul(kept)));
      optimizer.apply(gradients, at);
    },
  };
}
