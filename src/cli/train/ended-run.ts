import { type TrainOptions, trainOptions } from '../../config/train-options.ts';
import type { Ended, EndReason } from '../../train/events.ts';
import { spansRun } from '../../train/schedule.ts';
import { type CommandWords, formatCommand } from '../command-line.ts';
import type { Output } from '../output.ts';

/** A run's options, and the steps that they come to. */
export interface PlannedRun {
  readonly options: TrainOptions;
  readonly totalSteps: number;
}

/** Says that a run has ended by itself, why, and how to continue it. */
export function adviseToGoOn({ step, reason }: Ended, run: PlannedRun, output: Output): void {
  const done = `nothing to do: this run ended at step ${step}, ${explain(reason, run.options)}`;
  const flags = extend(reason, run);
  if (flags === undefined) {
    output.note(
      `${done}; its learning-rate schedule spans its epochs, so more epochs would make it a different run`,
    );
    return;
  }
  output.advise(`${done}. To continue`, resumeCommand(run.options.out, flags));
}

/** The command that resumes a run. */
export function resumeCommand(folder: string, flags: CommandWords['flags'] = {}): string {
  return formatCommand('train', { flags: { resume: folder === 'models/net' ? true : folder, ...flags } });
}

/** Whether these flags of a resumed run ask it to continue although it has ended early, by `--patience` or `--target-acc`. */
export function asksToGoOn(given: Readonly<Record<string, unknown>>): boolean {
  return ['epochs', 'patience', 'targetAcc', 'maxSteps', 'time'].some((key) => Object.hasOwn(given, key));
}

function explain(reason: EndReason, { epochs, maxSteps, time, patience, targetAcc }: TrainOptions): string {
  const reasons: Readonly<Record<EndReason, string>> = {
    finished: `after all of its ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
    'max-steps': `which is --max-steps ${maxSteps}`,
    time: `when --time ${formatTime(time ?? 0)} ran out`,
    patience: `after ${patience} ${patience === 1 ? 'epoch' : 'epochs'} without a better validation accuracy (--patience)`,
    target: `when the validation accuracy reached --target-acc ${targetAcc}`,
    interrupted: 'on a signal',
  };
  return reasons[reason];
}

/** The flags with which it continues; `undefined` where it cannot. */
function extend(reason: EndReason, { options, totalSteps }: PlannedRun): CommandWords['flags'] | undefined {
  const { epochs, maxSteps = 0, time = 0, patience = 1, schedule } = options;
  if (reason === 'max-steps' && 2 * maxSteps <= totalSteps) return { maxSteps: 2 * maxSteps };
  if (reason === 'max-steps' && maxSteps < totalSteps) return { maxSteps: totalSteps };
  if (reason === 'time') return { time: formatTime(2 * time) };
  if (reason === 'patience') return { patience: 2 * patience };
  if (reason === 'target') return { epochs };
  return spansRun(schedule) ? undefined : { epochs: epochs + 1 };
}

function formatTime(timeMs: number): string {
  return trainOptions.time.format?.(timeMs) ?? `${timeMs / 1000}s`;
}
