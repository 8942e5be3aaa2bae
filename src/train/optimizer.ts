import type { Variable } from '@tensorflow/tfjs-node';
import { type Model, trainableVariables } from '../model/layers.ts';
import { type Betas, createAdam } from './adam.ts';
import { createMomentum } from './momentum.ts';
import type { Optimizer } from './weight-update.ts';

export type { Optimizer } from './weight-update.ts';

export type OptimizerName = 'adam' | 'sgd' | 'momentum';

/** Creates the optimizer of this name for a model's weights, its memory zero; `betas` are for Adam. */
export function createOptimizer(name: OptimizerName, model: Model, betas?: Betas): Optimizer {
  const variables: readonly Variable[] = trainableVariables(model);
  if (name === 'adam') return createAdam(variables, betas);
  return createMomentum(variables, name === 'sgd' ? 0 : 0.9);
}
