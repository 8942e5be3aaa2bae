import type { Variation } from '../augment/training-examples.ts';
import type { NamedArray } from '../core/tensor-file.ts';
import type { Examples } from '../data/split.ts';
import type { Betas } from './adam.ts';
import type { Score } from './events.ts';
import type { OptimizerName } from './optimizer.ts';

/** What changes from step to step. */
export interface StepInput {
  /** Counts from 1. */
  readonly step: number;
  /** Epochs done after it: the step is one of epoch `Math.ceil(epoch)`. */
  readonly epoch?: number;
  readonly learningRate: number;
  /** Of the batch's examples, in the training set. */
  readonly indices: Uint32Array;
}

/** Trains a model, some steps at a time, and keeps what the optimizer remembers. */
export interface Stepper {
  /** How many steps one call may take without holding up the event loop for more than about 30 ms. */
  readonly stepsAtOnce: () => number;
  /** Runs steps one after the other. Gives each batch's mean loss and accuracy before its update. */
  readonly run: (steps: readonly StepInput[]) => readonly Score[];
  /** Gives the model the weights as they are now: between two calls of `run` it may have older ones. */
  readonly writeBack: () => void;
  /** Copies the optimizer's memory out. */
  readonly capture: () => readonly NamedArray[];
  /** Puts it back, bit for bit. @throws TrainerError `E_MODEL_FORMAT` where it does not fit. */
  readonly restore: (arrays: readonly NamedArray[]) => void;
  readonly dispose: () => void;
}

/** What a stepper is made for. */
export interface StepperOptions {
  readonly examples: Examples;
  /** How they vary from epoch to epoch; not at all where it is not given. */
  readonly variation?: Omit<Variation, 'seed'> | undefined;
  readonly optimizer: OptimizerName;
  /** Adam's; 0.9 and 0.999 where they are not given. */
  readonly betas?: Betas;
  /** Of kernels, at each step: `learningRate * weightDecay` of them; 0 where it is not given. */
  readonly weightDecay?: number;
  /** The share of the wanted probability that goes to all classes alike; 0 where it is not given. */
  readonly labelSmoothing?: number | undefined;
  readonly seed: number;
}
