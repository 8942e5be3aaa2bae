/** How far the learning rate has fallen because validation stood still. */
export interface Plateau {
  /** Of the run's learning rate, 0 to 1. */
  readonly share: number;
  /** The step of the last fall, or 0. */
  readonly fellAt: number;
}

/** Before any score. */
export const noPlateau: Plateau = { share: 1, fellAt: 0 };

/** What is left of the rate at each fall, and after how many epochs without a better score. */
const keptShare = 0.3;
const waitedEpochs = 2;

/**
 * The plateau after a validation score at `step`, the best so far having been at `bestStep`: the rate falls to 0.3 of itself
 * after two epochs without a better score, counted from the last fall (PyTorch's `ReduceLROnPlateau` is of that kind).
 */
export function followPlateau(
  before: Plateau,
  {
    step,
    bestStep,
    stepsPerEpoch,
  }: { readonly step: number; readonly bestStep: number; readonly stepsPerEpoch: number },
): Plateau {
  const waitedSteps = step - Math.max(bestStep, before.fellAt);
  return waitedSteps < waitedEpochs * stepsPerEpoch
    ? before
    : { share: before.share * keptShare, fellAt: step };
}
