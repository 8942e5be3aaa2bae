import type { Best, Score } from './events.ts';

/** When validation ends a run before its last step. */
export interface EarlyStopping {
  /** The run ends at this validation accuracy, 0 to 1. */
  readonly targetAccuracy?: number | undefined;
  /** The run ends after so many epochs without a better validation score. */
  readonly patience?: number | undefined;
  readonly stepsPerEpoch: number;
  /** Patience counts from this step at the earliest. */
  readonly patienceFrom: number;
}

/** The better of the best so far and a new score: higher accuracy, at equal accuracy lower loss; else the earlier. */
export function keepBest(best: Best | undefined, score: Score, step: number): Best {
  if (best === undefined) return { ...score, step };
  const isBetter =
    score.accuracy > best.accuracy || (score.accuracy === best.accuracy && score.loss < best.loss);
  return isBetter ? { ...score, step } : best;
}

/** Whether the run can end after `step`: the target is reached, or no score was better for too long. */
export function findEarlyEnd(
  best: Best | undefined,
  step: number,
  { targetAccuracy, patience, stepsPerEpoch, patienceFrom }: EarlyStopping,
): 'target' | 'patience' | undefined {
  if (best === undefined) return undefined;
  if (targetAccuracy !== undefined && best.accuracy >= targetAccuracy) return 'target';
  if (patience === undefined) return undefined;
  const waitedSteps = step - Math.max(best.step, patienceFrom);
  return waitedSteps >= patience * stepsPerEpoch ? 'patience' : undefined;
}
