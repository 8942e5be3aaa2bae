import { resolveOptions } from '../../config/resolve.ts';
import { type TrainOptions, trainOptions } from '../../config/train-options.ts';
import { TrainerError } from '../../core/errors.ts';
import { asOptionSource, checkResumedOptions, type RunConfig, readRunConfig } from '../../run/run-config.ts';
import { findEnd } from '../../run/run-directory.ts';
import { spansRun } from '../../train/schedule.ts';
import type { CommandContext } from '../command.ts';
import { asksToGoOn } from './ended-run.ts';

/** A run to resume: its stored config, and its options with the flags of this call over them. */
export interface ResumedOptions {
  readonly folder: string;
  readonly stored: RunConfig;
  readonly options: TrainOptions;
  /** Whether a run that ended by `--patience` continues: the epochs without a better score are counted from zero. */
  readonly forgetsWaiting: boolean;
}

/**
 * Reads the run that `--resume` names. The stored config stands in for config file, environment and defaults.
 *
 * @throws TrainerError `E_NO_CHECKPOINT`, or `E_RESUME_MISMATCH` where a flag would make it another run.
 */
export function readResumedOptions(context: CommandContext<typeof trainOptions>): ResumedOptions {
  const { options, origins, flags, output } = context;
  const { resume = '', out } = options;
  if (flags['init'] !== undefined) {
    throw new TrainerError('E_USAGE', '--init and --resume cannot be used together', {
      hint: 'A run resumes from its own checkpoint:',
      retryWith: { init: undefined },
    });
  }
  if (resume !== '' && origins.out === 'flag' && out !== resume) {
    throw new TrainerError(
      'E_USAGE',
      `--resume ${resume} and --out ${out} name different folders; a run resumes in its own folder`,
    );
  }
  const folder = resume === '' ? out : resume;
  const stored = readRunConfig(folder);
  const file = asOptionSource(folder, stored, trainOptions);
  const { values, origins: settled } = resolveOptions(trainOptions, { flags, environment: {}, file });
  const given = Object.fromEntries(
    Object.entries(values).filter(([key]) => settled[key as keyof typeof settled] === 'flag'),
  );
  checkResumedOptions(trainOptions, stored.options, given);
  if (spansRun(values.schedule) && values.epochs !== stored.options['epochs']) {
    throw new TrainerError(
      'E_RESUME_MISMATCH',
      `cannot change --epochs from ${String(stored.options['epochs'])} to ${values.epochs} in a run with the schedule ${values.schedule}`,
      {
        hint: 'Its learning-rate schedule spans the epochs it started with; a different number would have changed the weights from the start.',
      },
    );
  }
  const ended = asksToGoOn(given) ? lookForEnd(folder) : undefined;
  const forgetsWaiting = ended?.reason === 'patience';
  const forgetsTarget = ended?.reason === 'target' && !Object.hasOwn(given, 'targetAcc');
  if (forgetsTarget) {
    output.note(`--target-acc ${values.targetAcc} was reached at step ${ended?.step}: continuing without it`);
  }
  const kept = forgetsTarget ? { ...values, targetAcc: undefined } : values;
  return { folder, stored, options: { ...kept, out: folder }, forgetsWaiting };
}

/** How the run has ended; where its log cannot be read, resuming reports it. */
function lookForEnd(folder: string) {
  try {
    return findEnd(folder);
  } catch (error) {
    if (error instanceof TrainerError) return undefined;
    throw error;
  }
}

/** Compares the data of a resumed run with what it was started on. @throws TrainerError `E_RESUME_MISMATCH`. */
export function checkResumedData(stored: RunConfig, data: RunConfig['data']): void {
  for (const split of ['train', 'test'] as const) {
    const [before, now] = [stored.data[split], data[split]];
    if (before.sha256 === now.sha256) continue;
    throw new TrainerError(
      'E_RESUME_MISMATCH',
      `the ${split} images differ from those the run was started on`,
      {
        expected: `${before.images} images with SHA-256 ${before.sha256}`,
        actual: `${now.images} images with SHA-256 ${now.sha256}`,
        hint: 'Restore the same data, or start a new run without --resume.',
      },
    );
  }
}
