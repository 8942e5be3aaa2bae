import nodePath from 'node:path';
import { quote } from '../../setup/escape.mjs';
import { type ErrorDetails, escapeText, TrainerError } from '../core/errors.ts';
import { createFolder } from '../core/files.ts';
import type { TrainingState } from '../train/events.ts';
import { saveCheckpoint } from './checkpoint.ts';
import type { LogLine } from './log-schema.ts';
import { openMetricsLog } from './metrics-log.ts';
import { hasRun, type RunConfig, readRunConfig, writeRunConfig } from './run-config.ts';

/** What a run has in memory of its folder. */
export interface RunMemory {
  readonly config: RunConfig;
  readonly lines: readonly LogLine[];
  readonly keep: number;
}

/** The error to stop with where the folder was removed or moved and there is nothing more to save. */
export function explainLostFolder(
  folder: string,
  step: number,
  details: ErrorDetails = { hint: 'Everything that this run had saved was in it.' },
): TrainerError {
  const name = escapeText(nodePath.basename(folder));
  return new TrainerError(
    'E_IO',
    `the model folder ${name} was removed or moved during training, at step ${step}`,
    { path: folder, ...details },
  );
}

/**
 * Writes a run's folder again, once, after it was removed or moved: config, log and this state, so that the run
 * can be resumed. A folder that another run has made there meanwhile is left alone. Gives the error to stop with.
 */
export function rescueRun(
  folder: string,
  state: TrainingState,
  { config, lines, keep }: RunMemory,
): TrainerError {
  const stop = (hint: string, more: { readonly command?: string; readonly cause?: unknown } = {}) =>
    explainLostFolder(folder, state.step, { hint, ...more });
  try {
    if (hasRun(folder) && readRunConfig(folder).createdAt !== config.createdAt)
      return stop(
        'Another run is in that folder now and is left alone. What this run did since its last checkpoint is lost.',
      );
    createFolder(folder);
    writeRunConfig(folder, config);
    const log = openMetricsLog(nodePath.join(folder, 'log.jsonl'));
    for (const line of lines) log.append(line);
    log.sync();
    log.close();
    saveCheckpoint(nodePath.join(folder, 'checkpoints'), state, keep);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return stop(`It could not be created again: ${reason}. Everything that this run did is lost.`, {
      cause: error,
    });
  }
  return stop(
    'Its earlier checkpoints are lost. The state of this step was saved in a new folder; resume with:',
    {
      command: `mnist-cnn train --resume ${quote(folder)}`,
    },
  );
}
