import type { Variable } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { captureSlots, createSlots, type Optimizer, restoreSlots } from './optimizer.ts';

/** What Adam's two running means keep each step, of the gradient and of its square. */
export type Betas = readonly [beta1: number, beta2: number];

/** The authors' own. */
export const usualBetas: Betas = [0.9, 0.999];

const epsilon = 1e-8;

/**
 * What a step of Adam takes besides the gradient: both betas, what each leaves of 1, and rate and epsilon with the bias
 * corrections of the step taken out of the arrays: lr * (m / c1) / (sqrt(v / c2) + eps) is rate * m / (sqrt(v) + epsilon).
 */
export function adamStep(
  { step, learningRate }: { readonly step: number; readonly learningRate: number },
  [beta1, beta2]: Betas,
): readonly [beta1: number, beta2: number, rest1: number, rest2: number, rate: number, epsilon: number] {
  const squareCorrection = Math.sqrt(1 - beta2 ** step);
  const rate = (learningRate * squareCorrection) / (1 - beta1 ** step);
  return [beta1, beta2, 1 - beta1, 1 - beta2, rate, epsilon * squareCorrection];
}

/**
 * Adam (Kingma and Ba, 2015, algorithm 1). The bias corrections are computed from the step, in double precision, so the
 * memory is the two running means alone and restores bit for bit; tfjs' own keeps running products that it does not save.
 */
export function createAdam(variables: readonly Variable[], betas: Betas = usualBetas): Optimizer {
  const [beta1, beta2] = betas;
  const means = createSlots(variables);
  const squares = createSlots(variables);
  return {
    apply: (gradients, { step, learningRate }) => {
      const [, , , , rate, correctedEpsilon] = adamStep({ step, learningRate }, betas);
      variables.forEach((variable, index) => {
        tf.tidy(() => {
          const gradient = gradients[index];
          const mean = means[index];
          const square = squares[index];
          if (gradient === undefined || mean === undefined || square === undefined) return;
          mean.assign(mean.mul(beta1).add(gradient.mul(1 - beta1)));
          square.assign(square.mul(beta2).add(gradient.square().mul(1 - beta2)));
          variable.assign(variable.sub(mean.mul(rate).div(square.sqrt().add(correctedEpsilon))));
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
