import type { NamedArray } from '../core/tensor-file.ts';
import type { Plateau } from './plateau.ts';

/** Loss (softmax cross-entropy, natural logarithm) and accuracy (0 to 1) over some examples. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/** The best validation score so far, and when. */
export interface Best extends Score {
  readonly step: number;
}

/** All that a run needs to resume as if it had never stopped. */
export interface TrainingState {
  /** Steps done; the next one is `step + 1`. At 0 the optimizer has no memory. */
  readonly step: number;
  readonly elapsedMs: number;
  readonly weights: readonly NamedArray[];
  readonly optimizer: readonly NamedArray[];
  readonly best?: Best;
  /** Where the rate has fallen. */
  readonly plateau?: Plateau;
}

/** A log point: everything measured at one step. */
export interface StepEvent {
  readonly type: 'step';
  readonly step: number;
  readonly epoch: number;
  readonly elapsedMs: number;
  readonly learningRate: number;
  /** This step's batch, before the update; absent at step 0. */
  readonly train?: Score;
  readonly validation?: Score;
  /** The first `evalImages` test images, after the update. */
  readonly test: Score;
}

/** Why a run ended. */
export type EndReason = 'finished' | 'interrupted' | 'max-steps' | 'time' | 'target' | 'patience';

/** A checkpoint is due: an epoch or an interval is over, the weights are the best so far, or the run ends. */
export interface CheckpointDue {
  readonly type: 'checkpoint-due';
  readonly step: number;
  readonly reason: 'epoch' | 'interval' | 'best' | 'end';
  readonly best?: Best;
  /** Copies the state out; only a listener that wants it pays for that. */
  readonly captureState: () => TrainingState;
}

/** The run is over. */
export interface Ended {
  readonly type: 'ended';
  readonly reason: EndReason;
  readonly step: number;
  readonly elapsedMs: number;
  readonly best?: Best;
}

/** What a training yields to its listeners. */
export type TrainEvent =
  | { readonly type: 'progress'; readonly step: number; readonly loss: number; readonly elapsedMs: number }
  | StepEvent
  | CheckpointDue
  | Ended;
