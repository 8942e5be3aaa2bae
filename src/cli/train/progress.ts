import { formatPercent } from '../../core/percent.ts';
import { formatDuration } from '../../core/time.ts';
import type { StepEvent, TrainEvent } from '../../train/events.ts';
import { createBar } from '../bar.ts';
import type { Output } from '../output.ts';

/** Shows a training as it goes: a bar on a terminal, a line each log point elsewhere, nothing with --quiet. */
export interface Progress {
  readonly show: (event: TrainEvent) => void;
  /** Ends the bar, so that other words can follow. */
  readonly stop: () => void;
}

/** What the bar must know beforehand. */
export interface ProgressPlan {
  readonly totalSteps: number;
  readonly batchSize: number;
  /** Steps done before this process began, and the time they took. */
  readonly done: { readonly step: number; readonly elapsedMs: number };
}

/** Creates the progress display that fits the output. */
export async function createProgress(output: Output, plan: ProgressPlan): Promise<Progress> {
  if (output.quiet) return { show: () => {}, stop: () => {} };
  return output.isInteractive ? createBarProgress(plan) : createLines(output, plan);
}

async function createBarProgress(plan: ProgressPlan): Promise<Progress> {
  const { totalSteps, batchSize, done } = plan;
  const bar = await createBar(
    '{bar} {value}/{total} | loss {loss} | test accuracy {accuracy} | {speed} images/s | {left} left',
  );
  const payload = { loss: '-', accuracy: '-', speed: '-', left: '-' };
  bar.start(totalSteps, done.step, payload);
  return {
    show: (event) => {
      if (event.type === 'step') payload.accuracy = formatPercent(event.test.accuracy);
      if (event.type !== 'progress') return;
      const { speed, leftMs } = estimate(event, plan);
      payload.loss = event.loss.toFixed(4);
      payload.speed = String(Math.round(speed * batchSize));
      payload.left = formatDuration(leftMs);
      bar.update(event.step, payload);
    },
    stop: () => bar.stop(),
  };
}

function createLines(output: Output, plan: ProgressPlan): Progress {
  return {
    show: (event) => {
      if (event.type === 'step') output.note(formatPoint(event, plan));
    },
    stop: () => {},
  };
}

function formatPoint(event: StepEvent, plan: ProgressPlan): string {
  const { step, epoch, elapsedMs, train, validation, test } = event;
  const parts = [`step ${step}/${plan.totalSteps}`, `epoch ${epoch.toFixed(2)}`];
  if (train) parts.push(`loss ${train.loss.toFixed(4)}`);
  if (validation) parts.push(`validation accuracy ${formatPercent(validation.accuracy)}`);
  parts.push(`test accuracy ${formatPercent(test.accuracy)}`, formatDuration(elapsedMs));
  return parts.join('  ');
}

/** Steps a second in this process, and the time that the rest will take at that rate. */
function estimate(
  now: { readonly step: number; readonly elapsedMs: number },
  { totalSteps, done }: ProgressPlan,
) {
  const speed = ((now.step - done.step) / Math.max(now.elapsedMs - done.elapsedMs, 1)) * 1000;
  return { speed, leftMs: ((totalSteps - now.step) / speed) * 1000 };
}
