import type { Tensor, Variable } from '@tensorflow/tfjs-node';
import type { NamedArray } from '../core/tensor-file.ts';
import { type Model, trainableVariables } from '../model/layers.ts';
import { createAdam } from './adam.ts';
import { createMomentum } from './momentum.ts';

/** Changes weights by gradients, and remembers what its method needs. */
export interface Optimizer {
  /** Updates every variable by its gradient, given in the variables' order. `step` counts from 1. */
  readonly apply: (
    gradients: readonly Tensor[],
    at: { readonly step: number; readonly learningRate: number },
  ) => void;
  /** Copies the memory out. */
  readonly capture: () => readonly NamedArray[];
  /** Puts a captured memory back, bit for bit. @throws TrainerError `E_MODEL_FORMAT` where it does not fit. */
  readonly restore: (arrays: readonly NamedArray[]) => void;
  readonly dispose: () => void;
}

export type OptimizerName = 'adam' | 'sgd' | 'momentum';

/** Creates the optimizer of this name for a model's weights, its memory zero. */
export function createOptimizer(name: OptimizerName, model: Model): Optimizer {
  const variables: readonly Variable[] = trainableVariables(model);
  if (name === 'adam') return createAdam(variables);
  return createMomentum(variables, name === 'sgd' ? 0 : 0.9);
}
