import { explainMissingOps, loadedOps } from '../../backend/tf.ts';
import type { TrainOptions } from '../../config/train-options.ts';
import { TrainerError } from '../../core/errors.ts';
import { planFused } from '../../model/fused-plan.ts';
import type { Model } from '../../model/model.ts';
import { findUnfused } from '../../train/stepper.ts';
import type { Output } from '../output.ts';

/** What a training computes with, in a word or two: `fused avx512`, `stock`. */
export function nameKernels(model: Model, options: TrainOptions): string {
  return model.fused !== undefined && findUnfused(options) === undefined
    ? `fused ${loadedOps()?.engine}`
    : 'stock';
}

/**
 * Says in one line where training runs on TensorFlow's own ops, which are slower, and why.
 *
 * @throws TrainerError `E_USAGE` where the fused ops were requested with options that they do not support.
 */
export function noteKernels(model: Model, options: TrainOptions, output: Output): void {
  if (options.kernels === 'stock') return;
  const unfused = findUnfused(options);
  if (unfused !== undefined) {
    if (options.kernels === 'auto') return output.note(slower(`the fused ops don't support ${unfused}`));
    throw new TrainerError('E_USAGE', `--kernels fused does not support ${unfused}`);
  }
  if (model.fused !== undefined) return;
  const planned = planFused(model.architecture);
  output.note(slower('reason' in planned ? planned.reason : explainMissingOps()));
}

function slower(reason: string): string {
  return `training with TensorFlow's own ops, several times slower than the fused ops: ${reason}`;
}
