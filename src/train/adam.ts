import type { Variable } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { captureSlots, createSlots, restoreSlots } from './slots.ts';
import type { Optimizer } from './weight-update.ts';

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/**
 * Adam (Kingma and Ba, 2015, algorithm 1). The bias corrections are computed from the step, in double precision, so the
 * memory is the two running means alone and restores bit for bit; tfjs' own keeps running products that it does not save.
 */
export function createAdam(variables: readonly Variable[]): Optimizer {
  const means = createSlots(variables);
  const squares = createSlots(variables);
  return {
    apply: (gradients, { step, learningRate }) => {
      // lr * (m / c1) / (sqrt(v / c2) + eps), with the corrections c1 and c2 taken out of the arrays.
      const squareCorrection = Math.sqrt(1 - beta2 ** step);
      const rate = (learningRate * squareCorrection) / (1 - beta1 ** step);
      variables.forEach((variable, index) => {
        tf.tidy(() => {
          const gradient = gradients[index];
          const mean = means[index];
          const square = squares[index];
          if (gradient === undefined || mean === undefined || square === undefined) return;
          mean.assign(mean.mul(beta1).add(gradient.mul(1 - beta1)));
          square.assign(square.mul(beta2).add(gradient.square().mul(1 - beta2)));
          variable.assign(variable.sub(mean.mul(rate).div(square.sqrt().add(epsilon * squareCorrection))));
        });
      });
    },
    capture: () => [...captureSlots('mean', means), ...captureSlots('square', squares)],
    restore: (arrays) => {
      restoreSlots('mean', means, arrays);
      restoreSlots('square', squares, arrays);
    },
    dispose: () => tf.dispose([...means, ...squares]),
  };
}
