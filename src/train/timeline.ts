import { learningRateAt, type ScheduleOptions } from './schedule.ts';

/** What of a run's config settles when things are due. */
export interface TimelineConfig extends Omit<ScheduleOptions, 'totalSteps'> {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Steps between two log points. */
  readonly evalEvery: number;
  /** Steps between two checkpoints, besides those at each epoch. */
  readonly checkpointEvery?: number | undefined;
  readonly maxSteps?: number | undefined;
  readonly timeMs?: number | undefined;
}

/** A position in a run. */
export interface Position {
  /** Steps done. */
  readonly step: number;
  /** Epochs done: 0.5 after half of the first. */
  readonly epoch: number;
  /** Of the step that has just been done; 0 before the first. */
  readonly learningRate: number;
}

/** Which steps a run has, and what is due after each. Pure arithmetic: a resumed run gives the same answers. */
export interface Timeline {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly at: (step: number) => Position;
  /** The steps after `step`, `most` at most, up to the first one after which anything is due. */
  readonly stepsAfter: (step: number, most: number) => readonly Position[];
  readonly isLogPoint: (step: number) => boolean;
  /** Why a checkpoint is due after this step. */
  readonly checkpointAt: (step: number) => 'epoch' | 'interval' | undefined;
  /** Whether the run ends here: it has done all its steps, or as many as it may, or its time is up. */
  readonly endAt: (step: number, elapsedMs: number) => 'finished' | 'max-steps' | 'time' | undefined;
}

/** How many steps a run does at most: those of its epochs, or `maxSteps` if that is less. */
export function countSteps(
  { epochs, maxSteps = Number.POSITIVE_INFINITY }: Pick<TimelineConfig, 'epochs' | 'maxSteps'>,
  stepsPerEpoch: number,
): number {
  return Math.min(epochs * stepsPerEpoch, maxSteps);
}

/** Creates the timeline of a run. */
export function createTimeline(config: TimelineConfig): Timeline {
  const { epochs, stepsPerEpoch, evalEvery, checkpointEvery, maxSteps, timeMs } = config;
  const totalSteps = epochs * stepsPerEpoch;
  const lastStep = countSteps(config, stepsPerEpoch);
  const intervals = [evalEvery, stepsPerEpoch, checkpointEvery ?? evalEvery];
  const at = (step: number): Position => ({
    step,
    epoch: step / stepsPerEpoch,
    learningRate: step === 0 ? 0 : learningRateAt(step, { ...config, totalSteps }),
  });
  return {
    stepsPerEpoch,
    totalSteps,
    at,
    stepsAfter: (step, most) => {
      const borders = intervals.map((interval) => (Math.floor(step / interval) + 1) * interval);
      const last = Math.min(...borders, lastStep, step + most);
      return Array.from({ length: last - step }, (_, index) => at(step + 1 + index));
    },
    isLogPoint: (step) => step % evalEvery === 0,
    checkpointAt: (step) => {
      if (step % stepsPerEpoch === 0) return 'epoch';
      return checkpointEvery !== undefined && step % checkpointEvery === 0 ? 'interval' : undefined;
    },
    endAt: (step, elapsedMs) => {
      if (step >= totalSteps) return 'finished';
      if (maxSteps !== undefined && step >= maxSteps) return 'max-steps';
      return timeMs !== undefined && elapsedMs >= timeMs ? 'time' : undefined;
    },
  };
}
