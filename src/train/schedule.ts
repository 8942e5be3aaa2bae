/** How the learning rate moves over a run. */
export type ScheduleName = 'constant' | 'cosine' | 'one-cycle' | 'linear' | 'plateau';

/** Whether a schedule is spread over all epochs of a run, so that more of them would make another run. */
export function spansRun(schedule: ScheduleName): boolean {
  return schedule !== 'constant' && schedule !== 'plateau';
}

/** What a schedule needs to know of its run. */
export interface ScheduleOptions {
  readonly schedule: ScheduleName;
  /** The constant rate, or the highest. */
  readonly learningRate: number;
  readonly totalSteps: number;
}

/**
 * The learning rate of a step, which counts from 1. `cosine` falls from the full rate to 0 along half a wave
 * (Loshchilov and Hutter, 2017); `one-cycle` climbs from 1/25 of the rate over the first 30 % of the steps and falls to
 * 1/250,000 of it (Smith and Topin, 2018, with PyTorch's numbers); `linear` climbs from 1/25 of the rate over the first
 * 5 % of the steps and falls to 0, both in a straight line. `plateau` stays until validation says otherwise (plateau.ts).
 */
export function learningRateAt(
  step: number,
  { schedule, learningRate, totalSteps }: ScheduleOptions,
): number {
  if (!spansRun(schedule)) return learningRate;
  const progress = totalSteps <= 1 ? 1 : (step - 1) / (totalSteps - 1);
  if (schedule === 'cosine') return slide(learningRate, 0, progress);
  if (schedule === 'linear') {
    const climb = 0.05;
    return progress < climb
      ? learningRate * (1 / 25 + (24 / 25) * (progress / climb))
      : (learningRate * (1 - progress)) / (1 - climb);
  }
  const climb = 0.3;
  return progress < climb
    ? slide(learningRate / 25, learningRate, progress / climb)
    : slide(learningRate, learningRate / 250_000, (progress - climb) / (1 - climb));
}

/** From `start` to `end` along half a cosine wave. */
function slide(start: number, end: number, progress: number): number {
  return end + ((start - end) * (1 + Math.cos(Math.PI * progress))) / 2;
}
