import type { Variable } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { TrainerError } from '../core/errors.ts';
import type { NamedArray } from '../core/tensor-file.ts';

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
    const found = arrays.find(({ name }) => name === `${kind}/${index}`);
    if (found === undefined || found.shape.join() !== slot.shape.join()) {
      throw new TrainerError('E_MODEL_FORMAT', `the checkpoint lacks the optimizer state ${kind}/${index}`);
    }
    tf.tidy(() => slot.assign(tf.tensor(found.values, slot.shape)));
  });
}
