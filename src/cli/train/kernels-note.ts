import { explainMissingOps, loadedOps } from '../../backend/tf.ts';
import type { TrainOptions } from '../../config/train-options.ts';
import type { Model } from '../../model/model.ts';
import type { Output } from '../output.ts';

/** What a training computes with, in a word or two: `fused avx512`, `stock`. */
export function nameKernels(model: Model): string {
  return model.fused === undefined ? 'stock' : `fused ${loadedOps()?.engine}`;
}

/** Says in one line where training runs on TensorFlow's own ops, which are slower, and why. */
export function noteKernels(model: Model, { kernels }: TrainOptions, output: Output): void {
  if (kernels === 'stock' || model.fused !== undefined) return;
  output.note(
    `training with TensorFlow's own ops, several times slower than the fused ops: ${explainMissingOps()}`,
  );
}
