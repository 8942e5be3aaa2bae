import type { NamedArray } from '../core/tensor-file.ts';
import type { Examples } from '../data/split.ts';
import type { Betas } from './adam.ts';
import type { Score } from './events.ts';
import type { OptimizerName } from './optimizer.ts';

/** What changes from step to step. */
export interface StepInput {
  /** Counts from 1. */
  readonly step: number;
  readonly learningRate: number;
  /** Of the batch's examples, in the training set. */
  readonly indices: Uint32Array;
}

/** Trains a model, several steps at a time, and holds the optimizer's state. */
export interface Stepper {
  /** How many steps to run in one call, so that it blocks the event loop for about 30 ms at most. */
  readonly stepsAtOnce: () => number;
  /** Runs steps in order. Returns the mean loss and accuracy of each batch before its update. */
  readonly run: (steps: readonly StepInput[]) => readonly Score[];
  /** Copies the current weights into the model, which may have older ones after `run`. */
  readonly writeBack: () => void;
  /** Copies the optimizer's state out. */
  readonly capture: () => readonly NamedArray[];
  /** Restores a captured state bit for bit. @throws TrainerError `E_MODEL_FORMAT` if it does not fit. */
  readonly restore: (arrays: readonly NamedArray[]) => void;
  readonly dispose: () => void;
}

/** What a stepper is created from. */
export interface StepperOptions {
  readonly examples: Examples;
  readonly optimizer: OptimizerName;
  /** Adam's decay rates; 0.9 and 0.999 by default. */
  readonly betas?: Betas;
  readonly seed: number;
}
