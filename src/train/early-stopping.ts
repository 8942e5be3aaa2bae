import type { Best, Score } from './events.ts';

/** The better of the best so far and a new score: higher accuracy, at equal accuracy lower loss; else the earlier. */
export function keepBest(best: Best | undefined, score: Score, step: number): Best {
  if (best === undefined) return { ...score, step };
  const isBetter =
    score.accuracy > best.accuracy || (score.accuracy === best.accuracy && score.loss < best.loss);
  return isBetter ? { ...score, step } : best;
}

/** Where a run is, for those who wait for a better score. */
export interface Waiting {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly patience: number | undefined;
  /** No earlier step is counted. */
  readonly patienceFrom: number;
}

/** Whether `patience` epochs have gone by since the best score. */
export function isOutOfPatience(best: Best | undefined, now: Waiting): boolean {
  if (best === undefined || now.patience === undefined) return false;
  return now.step - Math.max(best.step, now.patienceFrom) >= now.patience * now.stepsPerEpoch;
}
