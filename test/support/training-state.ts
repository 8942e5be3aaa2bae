import type { TrainingState } from '../../src/train/events.ts';

/** A training state of a few numbers, which differ from step to step. */
export function createState(step: number, given: Partial<TrainingState> = {}): TrainingState {
  return {
    step,
    elapsedMs: step * 10,
    weights: [{ name: 'dense_1/kernel', shape: [2, 2], values: Float32Array.of(step, 1 / 3, -0, 1e-45) }],
    optimizer: [{ name: 'mean/0', shape: [2, 2], values: Float32Array.of(0.1, 0.2, 0.3, step) }],
    ...given,
  };
}
