import fs from 'node:fs';
import nodePath from 'node:path';
import { errnoOf, escapeText, TrainerError } from '../core/errors.ts';
import { createFolder, fileError, listNames } from '../core/files.ts';
import type { StepEvent, TrainEvent, TrainingState } from '../train/events.ts';
import {
  isTempName,
  type LoadedCheckpoint,
  loadCheckpointAt,
  loadNewestCheckpoint,
  removeOrphans,
  type SkippedCheckpoint,
  saveCheckpoint,
  setAside,
} from './checkpoint.ts';
import type { LogLine } from './log-schema.ts';
import { type RunMemory, rescueRun } from './lost-folder.ts';
import { type MetricsLog, openMetricsLog, readMetricsLog } from './metrics-log.ts';
import { appendResultsRow, writeResultsTable } from './results-table.ts';
import { type RunConfig, readRunConfig, writeRunConfig } from './run-config.ts';

export { hasRun } from './run-config.ts';

/** A model folder that a training writes into. */
export interface Run {
  readonly folder: string;
  /** Writes an event to the log, and to `results.csv` if it is a log point. */
  readonly append: (event: TrainEvent) => void;
  /** Whether the folder has been removed or moved. */
  readonly isLost: () => boolean;
  /** Recreates a lost folder with this state in it, and returns the error to stop with. */
  readonly rescue: (state: TrainingState) => TrainerError;
  /** Saves a checkpoint, after making the log durable. Returns the name of the file. */
  readonly save: (state: TrainingState, reason: string) => string;
  /** The state of an earlier checkpoint, such as the best one. */
  readonly stateAt: (step: number) => TrainingState;
  /** The log points so far. */
  readonly points: () => readonly Omit<StepEvent, 'type'>[];
  /** Closes the log. The folder stays locked by the caller. */
  readonly close: () => void;
}

/** What a new run is created from. */
export interface NewRun {
  readonly config: RunConfig;
  readonly started: Omit<Extract<LogLine, { event: 'started' }>, 'v' | 'event'>;
  readonly keep: number;
  /** The state to start from, where it does not follow from the config alone. */
  readonly initial?: TrainingState | undefined;
}

/**
 * Renames an existing folder to the first free `folder-1`, `folder-2`, ... and returns that name, or `undefined` if there is
 * none, or only an empty one.
 *
 * @throws TrainerError `E_EXISTS` if it is not a folder, or is the current one or a parent of it; `E_NOT_WRITABLE` if it cannot be renamed.
 */
export function moveAside(folder: string): string | undefined {
  const target = nodePath.resolve(folder);
  try {
    if (!isFilledFolder(target)) return undefined;
    let number = 1;
    while (fs.existsSync(`${target}-${number}`)) number++;
    fs.renameSync(target, `${target}-${number}`);
    return nodePath.join(nodePath.dirname(folder), `${nodePath.basename(target)}-${number}`);
  } catch (error) {
    throw fileError(error, 'move', target, 'E_NOT_WRITABLE');
  }
}

/** Creates a model folder with the config, an empty log and an empty table. @throws TrainerError if it is not writable. */
export function createRun(folder: string, { config, started, keep, initial }: NewRun): Run {
  createFolder(folder);
  removeOrphans(folder);
  // Before the config: a folder with a config can be resumed.
  if (initial !== undefined) saveCheckpoint(nodePath.join(folder, 'checkpoints'), initial, keep);
  writeRunConfig(folder, config);
  const log = openNewLog(folder, config);
  const first: LogLine = { v: 1, event: 'started', ...started };
  log.append(first);
  writeResultsTable(nodePath.join(folder, 'results.csv'), []);
  return openRun(folder, log, { config, keep, lines: [first] });
}

/** Where locks do nothing, two runs may be after one folder: only one creates the log, and it stops where the config is the other's. */
function openNewLog(folder: string, { createdAt }: RunConfig): MetricsLog {
  const taken = new TrainerError(
    'E_LOCKED',
    `another run is just taking over the folder ${escapeText(folder)}`,
    {
      path: folder,
      hint: 'Wait for it, or train into another folder.',
    },
  );
  try {
    const log = openMetricsLog(nodePath.join(folder, 'log.jsonl'), { isNew: true });
    if (readRunConfig(folder).createdAt === createdAt) return log;
    log.close();
  } catch (error) {
    if (!(error instanceof TrainerError) || !isTaken(error)) throw error;
  }
  throw taken;
}

function isTaken({ code, cause }: TrainerError): boolean {
  return code === 'E_NO_CHECKPOINT' || ['EEXIST', 'ENOENT'].includes(errnoOf(cause) ?? '');
}

/** Finds where a run can resume. Call it with the lock held: damaged checkpoints are set aside, orphans removed. */
export function findResumePoint(
  folder: string,
): LoadedCheckpoint | { readonly skipped: readonly SkippedCheckpoint[] } {
  const checkpoints = nodePath.join(folder, 'checkpoints');
  removeOrphans(checkpoints);
  removeOrphans(folder);
  try {
    const loaded = loadNewestCheckpoint(checkpoints);
    setAside(loaded.skipped);
    return loaded;
  } catch (error) {
    // Stopped before its first checkpoint: the run begins again, which comes to the same.
    if (error instanceof TrainerError && error.code === 'E_NO_CHECKPOINT') return { skipped: [] };
    throw error;
  }
}

/** Opens a run to resume at `step`: its config, a line in the log, and the table without later rows. */
export function resumeRun(
  folder: string,
  {
    config,
    step,
    keep,
    at,
  }: { readonly config: RunConfig; readonly step: number; readonly keep: number; readonly at: Date },
): Run {
  writeRunConfig(folder, config);
  const file = nodePath.join(folder, 'log.jsonl');
  const log = openMetricsLog(file);
  log.append({ v: 1, event: 'resumed', step, at: at.toISOString() });
  const lines = readMetricsLog(file);
  writeResultsTable(
    nodePath.join(folder, 'results.csv'),
    lines.filter((line) => line.event === 'step').map(toPoint),
  );
  return openRun(folder, log, { config, keep, lines });
}

/** Whether the run in a folder has ended by itself: `finished`, or stopped early as it was asked to. */
export function findEnd(folder: string): Extract<LogLine, { event: 'ended' }> | undefined {
  const file = nodePath.join(folder, 'log.jsonl');
  const last = fs.existsSync(file) ? readMetricsLog(file).at(-1) : undefined;
  return last?.event === 'ended' && last.reason !== 'interrupted' ? last : undefined;
}

function isFilledFolder(target: string): boolean {
  const status = fs.lstatSync(target, { throwIfNoEntry: false });
  if (status === undefined) return false;
  // What a run left that was killed before its first file was whole is nothing to keep.
  if (status.isDirectory() && listNames(target).every(isTempName)) return false;
  const isAround = `${process.cwd()}${nodePath.sep}`.startsWith(`${target}${nodePath.sep}`);
  if (status.isDirectory() && !isAround) return true;
  const kind = isAround
    ? 'the current folder or a parent of it'
    : status.isSymbolicLink()
      ? 'a symbolic link'
      : 'a file';
  throw new TrainerError('E_EXISTS', `cannot use ${escapeText(target)} as the model folder: it is ${kind}`, {
    path: target,
  });
}

function openRun(folder: string, log: MetricsLog, { config, keep, lines }: RunMemory): Run {
  const checkpoints = nodePath.join(folder, 'checkpoints');
  const results = nodePath.join(folder, 'results.csv');
  const memory: LogLine[] = [...lines];
  const append = (line: LogLine) => {
    log.append(line);
    memory.push(line);
  };
  const appendRow = (point: Omit<StepEvent, 'type'>) => {
    try {
      if (log.isInPlace()) appendResultsRow(results, point);
    } catch (error) {
      if (log.isInPlace()) throw error;
    }
  };
  return {
    folder,
    append: (event) => {
      if (event.type === 'step') {
        const { type, ...point } = event;
        append({ v: 1, event: type, ...point });
        appendRow(point);
      }
      if (event.type === 'ended') {
        const { type, ...end } = event;
        append({ v: 1, event: type, ...end });
        log.sync();
      }
    },
    isLost: () => !log.isInPlace(),
    rescue: (state) => rescueRun(folder, state, { config, keep, lines: memory }),
    save: (state, reason) => {
      log.sync();
      const file = saveCheckpoint(checkpoints, state, keep);
      append({ v: 1, event: 'checkpoint', step: state.step, reason, file });
      return file;
    },
    stateAt: (step) => loadCheckpointAt(checkpoints, step),
    points: () => memory.filter((line) => line.event === 'step').map(toPoint),
    close: () => log.close(),
  };
}

function toPoint(line: Extract<LogLine, { event: 'step' }>): Omit<StepEvent, 'type'> {
  const { step, epoch, elapsedMs, learningRate, train, validation, test } = line;
  return {
    step,
    epoch,
    elapsedMs,
    learningRate,
    ...(train && { train }),
    ...(validation && { validation }),
    test,
  };
}
