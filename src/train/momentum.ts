import type { Variable } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { captureSlots, createSlots, type Optimizer, restoreSlots } from './optimizer.ts';

/** What of the velocity stays from step to step. */
export const usualMomentum = 0.9;

/** Gradient descent with momentum (Polyak, 1964, in PyTorch's form `v = momentum v + g`); momentum 0 is plain descent. */
export function createMomentum(variables: readonly Variable[], momentum: number): Optimizer {
  const velocities = momentum === 0 ? [] : createSlots(variables);
  return {
    apply: (gradients, { learningRate }) => {
      variables.forEach((variable, index) => {
        tf.tidy(() => {
          const gradient = gradients[index];
          const velocity = velocities[index];
          if (gradient === undefined) return;
          if (velocity !== undefined) velocity.assign(velocity.mul(momentum).add(gradient));
          variable.assign(variable.sub((velocity ?? gradient).mul(learningRate)));
        });
      });
    },
    capture: () => captureSlots('velocity', velocities),
    restore: (arrays) => restoreSlots('velocity', velocities, arrays),
    dispose: () => tf.dispose([...velocities]),
  };
}
