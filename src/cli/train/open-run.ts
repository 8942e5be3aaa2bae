import nodePath from 'node:path';
import type { TrainOptions } from '../../config/train-options.ts';
import { escapeText, TrainerError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { LoadedExamples } from '../../data/load-examples.ts';
import type { Splits } from '../../data/split.ts';
import type { Model } from '../../model/model.ts';
import { countParameters } from '../../model/shapes.ts';
import type { RunConfig } from '../../run/run-config.ts';
import { createRun, findResumePoint, moveAside, type Run, resumeRun } from '../../run/run-directory.ts';
import type { TrainingState } from '../../train/events.ts';
import type { TrainPlan } from '../../train/plan.ts';
import type { Output } from '../output.ts';
import type { InitialModel } from './initial-model.ts';
import { checkResumedData, type ResumedOptions } from './resume.ts';
import { describeData, describeKernels, describeOptions, describeVersions } from './run-description.ts';

/** What a training consists of, once everything is loaded. */
export interface Training {
  readonly options: TrainOptions;
  readonly plan: TrainPlan;
  /** The contents of the network's file, if `--arch` named one. */
  readonly architectureSource: unknown;
  /** The model that a new run starts from, if `--init` named one. */
  readonly initial: InitialModel | undefined;
  readonly examples: LoadedExamples;
  readonly data: Splits;
  readonly stepsPerEpoch: number;
  readonly model: Model;
  readonly output: Output;
  readonly version: string;
}

/** An open model folder, and where its run starts. */
export interface OpenedRun {
  readonly run: Run;
  readonly resumeFrom: TrainingState | undefined;
  /** The step from which `--patience` counts. */
  readonly patienceFrom: number | undefined;
}

/** Opens the model folder: a new one, after renaming any earlier folder, or that of the run to resume. */
export function openRun(training: Training, resumed: ResumedOptions | undefined): OpenedRun {
  return resumed === undefined ? startRun(training) : continueRun(training, resumed);
}

function startRun(training: Training): OpenedRun {
  const { plan, data, stepsPerEpoch, initial, output } = training;
  const { out } = training.options;
  const movedTo = moveAside(out);
  if (movedTo !== undefined) output.note(`moved the earlier run to ${escapeText(movedTo)}`);
  const isOut = initial !== undefined && nodePath.resolve(initial.folder) === nodePath.resolve(out);
  const init = isOut ? movedTo : initial?.folder;
  const options = { ...training.options, init };
  const resumeFrom = initial && { step: 0, elapsedMs: 0, weights: initial.weights, optimizer: [] };
  const at = systemClock.today().toISOString();
  const run = createRun(out, {
    keep: options.keep,
    initial: resumeFrom,
    started: {
      at,
      architecture: plan.architecture.name,
      parameters: countParameters(plan.architecture),
      trainImages: data.train.count,
      stepsPerEpoch,
      epochs: options.epochs,
    },
    config: {
      format: 1,
      createdAt: at,
      ...describeOptions(options),
      ...(training.architectureSource === undefined ? {} : { architecture: training.architectureSource }),
      ...(initial && init !== undefined && { init: { folder: init, sha256: initial.sha256 } }),
      data: describeData(training.examples),
      versions: describeVersions(training.version),
      machine: describeKernels(training.model, options),
      resumed: [],
    },
  });
  return { run, resumeFrom, patienceFrom: undefined };
}

function continueRun(training: Training, { folder, stored, forgetsWaiting }: ResumedOptions): OpenedRun {
  const { options, output } = training;
  checkResumedData(stored, describeData(training.examples));
  const versions = describeVersions(training.version);
  const machine = describeKernels(training.model, options);
  const point = findResumePoint(folder);
  for (const { file, reason } of point.skipped) {
    output.warn(
      `${nodePath.basename(file)} is skipped and kept as ${nodePath.basename(file)}.bad: ${reason}`,
    );
  }
  const resumeFrom = 'state' in point ? point.state : undefined;
  if (resumeFrom === undefined) requireRandomStart(folder, stored);
  const step = resumeFrom?.step ?? 0;
  const startingOver =
    resumeFrom === undefined ? 'no checkpoint yet; starting over' : 'starting over at step 0';
  output.note(step === 0 ? startingOver : `resuming after step ${step}`);
  const latest = stored.resumed.at(-1) ?? stored;
  const changes = Object.keys({ ...machine, ...versions }).filter(
    (key) => ({ ...latest.machine, ...latest.versions })[key] !== { ...machine, ...versions }[key],
  );
  if (changes.length > 0) {
    output.warn(
      `this run was started under different conditions (${changes.join(', ')}): results may not be bit-identical`,
    );
  }
  const at = systemClock.today();
  const config: RunConfig = {
    ...stored,
    ...describeOptions(options),
    resumed: [
      ...stored.resumed,
      { at: at.toISOString(), step, versions, machine, ...(forgetsWaiting && { forgetsWaiting }) },
    ],
  };
  const patienceFrom = config.resumed.findLast((each) => each.forgetsWaiting)?.step;
  return { run: resumeRun(folder, { config, step, keep: options.keep, at }), resumeFrom, patienceFrom };
}

/** Without a checkpoint, only random weights can be made again. @throws TrainerError `E_NO_CHECKPOINT`. */
function requireRandomStart(folder: string, { init }: RunConfig): void {
  if (init === undefined) return;
  throw new TrainerError(
    'E_NO_CHECKPOINT',
    `no checkpoint is left in ${escapeText(folder)}, not even that of step 0 with the weights it started from`,
    {
      path: folder,
      hint: `They came from ${escapeText(init.folder)}. To start a new run from there:`,
      retryWith: { resume: undefined, init: init.folder, out: folder },
    },
  );
}
