import type { Tensor, Variable } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { TrainerError } from '../core/errors.ts';
import type { NamedArray } from '../core/tensor-file.ts';

export type OptimizerName = 'adam' | 'sgd' | 'momentum';

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

/** One array of an optimizer's memory for each variable, of the same shape, all zero at first. */
export function createSlots(variables: readonly Variable[]): readonly Variable[] {
  return variables.map((variable) => tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)));
}

/** Copies slots out under the names `kind/0`, `kind/1`, ... */
export function captureSlots(kind: string, slots: readonly Variable[]): readonly NamedArray[] {
  return slots.map((slot, index) => ({
    name: `${kind}/${index}`,
    shape: slot.shape,
    values: new Float32Array(slot.dataSync()),
  }));
}

/** Puts captured slots back. @throws TrainerError `E_MODEL_FORMAT` where one is missing or has another shape. */
export function restoreSlots(kind: string, slots: readonly Variable[], arrays: readonly NamedArray[]): void {
  slots.forEach((slot, index) => {
    const values = findSlot(arrays, `${kind}/${index}`, slot.shape);
    tf.tidy(() => slot.assign(tf.tensor(values, slot.shape)));
  });
}

/** The captured values of one slot. @throws TrainerError `E_MODEL_FORMAT` where it is missing or has another shape. */
export function findSlot(
  arrays: readonly NamedArray[],
  name: string,
  shape: readonly number[],
): Float32Array {
  const found = arrays.find((array) => array.name === name);
  if (found !== undefined && found.shape.join() === shape.join()) return found.values;
  throw new TrainerError('E_MODEL_FORMAT', `the checkpoint lacks the optimizer state ${name}`);
}
