import type { Tensor } from '@tensorflow/tfjs-node';
import type { NamedArray } from '../core/tensor-file.ts';

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
