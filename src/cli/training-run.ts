import nodePath from 'node:path';
import { tf } from '../backend/tf.ts';
import { isKnownOption, type TrainOptions } from '../config/train-options.ts';
import { escapeText } from '../core/errors.ts';
import { systemClock } from '../core/time.ts';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { Splits } from '../data/split.ts';
import type { Model } from '../model/layers.ts';
import { saveModel } from '../model/saved-model.ts';
import { countParameters } from '../model/shapes.ts';
import { writeWeights } from '../model/weights.ts';
import { saveWeights } from '../model/weights-file.ts';
import { writeCurves } from '../report/curve-files.ts';
import { explainLoss } from '../run/lost-folder.ts';
import { describeMachine, type RunConfig, toStoredOptions } from '../run/run-config.ts';
import { createRun, findResumePoint, moveAside, type Run, resumeRun } from '../run/run-directory.ts';
import type { TrainEvent, TrainingState } from '../train/events.ts';
import type { TrainPlan } from '../train/plan.ts';
import { nameKernels } from './kernels-note.ts';
import { describeModel } from './model-metadata.ts';
import type { Output } from './output.ts';
import type { ProgressPlan } from './progress.ts';
import { checkResumedData, type ResumedOptions } from './resume.ts';
import { reportEnd, resumeCommand } from './training-report.ts';
import { openTrainingPictures } from './tsne/training-pictures.ts';

/** What a training is made of, once everything is loaded. */
export interface TrainingParts {
  readonly options: TrainOptions;
  readonly plan: TrainPlan;
  /** The network as its file gave it, where it came from one. */
  readonly architectureSource: unknown;
  readonly examples: LoadedExamples;
  readonly data: Splits;
  readonly stepsPerEpoch: number;
  readonly model: Model;
  readonly resumed: ResumedOptions | undefined;
  readonly output: Output;
  readonly version: string;
}

/** A training with its folder open. */
export interface TrainingRun {
  readonly resumeFrom: TrainingState | undefined;
  readonly progressPlan: ProgressPlan;
  readonly append: (event: TrainEvent) => void;
  /** Aborted where the folder was removed or moved: the training stops to save what it can. */
  readonly lost: AbortSignal;
  /** Saves a checkpoint, and the model where it is the one to keep so far. */
  readonly saveCheckpoint: (event: CheckpointDue) => Promise<void>;
  /** Leaves the model, the last words and the pictures; the signal ends the drawing. */
  readonly finish: (signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
  /** Closes after an error, which is the one to tell. */
  readonly abandon: () => void;
}

type CheckpointDue = Extract<TrainEvent, { type: 'checkpoint-due' }>;
type Ended = Extract<TrainEvent, { type: 'ended' }>;

/** Opens the model folder: a new one, the earlier moved aside, or that of the run to go on with. */
export function openTraining(parts: TrainingParts): TrainingRun {
  const { options, plan, stepsPerEpoch, model, output } = parts;
  const { run, resumeFrom } =
    parts.resumed === undefined ? startRun(parts) : continueRun(parts, parts.resumed);
  const totalSteps = Math.min(
    plan.config.epochs * stepsPerEpoch,
    plan.config.maxSteps ?? Number.POSITIVE_INFINITY,
  );
  let ended: Ended | undefined;
  const loss = new AbortController();
  const pictures = openPictures(parts, run, resumeFrom?.step ?? 0);
  return {
    resumeFrom,
    progressPlan: {
      totalSteps,
      stepsPerEpoch,
      batchSize: plan.config.batchSize,
      done: { step: resumeFrom?.step ?? 0, elapsedMs: resumeFrom?.elapsedMs ?? 0 },
    },
    append: (event) => {
      run.append(event);
      if (event.type === 'step' && run.isLost()) loss.abort();
      pictures?.keep(event);
      if (event.type === 'ended') ended = event;
    },
    lost: loss.signal,
    saveCheckpoint: async ({ captureState, reason, best, step }) => {
      const state = captureState();
      try {
        if (!run.isLost()) {
          run.save(state, reason);
          if (best === undefined || best.step === step) await saveCurrent(parts, run);
        }
      } catch (error) {
        if (!run.isLost()) throw error;
      }
      if (run.isLost()) throw run.rescue(state);
    },
    finish: async (signal) => {
      if (ended === undefined) return;
      if (run.isLost()) throw explainLoss(run.folder, ended.step);
      if (ended.reason === 'interrupted') {
        const { step } = ended;
        output.note(
          step === 0
            ? `stopped before the first of ${totalSteps} steps; go on with:`
            : `saved at step ${step} of ${totalSteps}; go on with:`,
        );
        output.note(`  ${resumeCommand(options.out)}`);
        return;
      }
      if (ended.best !== undefined && ended.best.step !== ended.step) {
        writeWeights(model, run.stateAt(ended.best.step).weights);
      }
      await saveCurrent(parts, run);
      if (options.saveWeights !== undefined) saveWeights(model, options.saveWeights);
      // Said before the pictures are drawn: the model is there.
      const { folder } = run;
      const { test } = parts.data;
      const { evalImages } = options;
      const isNew = ended.step !== resumeFrom?.step;
      const points = run.points();
      await reportEnd({ ended, folder, model, test, evalImages, points, isNew }, output);
      await writeCurves(folder, plan.architecture.name, points);
      await pictures?.draw(signal);
    },
    close: () => run.close(),
    abandon: () => {
      try {
        run.close();
      } catch {
        // It fails for the same reason, or is closed already.
      }
    },
  };
}

/** The t-SNE pictures of the run, where they are asked for. */
function openPictures({ options, model, data, output }: TrainingParts, run: Run, startStep: number) {
  const { tsne: every, seed } = options;
  if (every === undefined) return undefined;
  const { folder, points } = run;
  return openTrainingPictures({ model, folder, test: data.test, every, seed, startStep, points, output });
}

function startRun(parts: TrainingParts): { readonly run: Run; readonly resumeFrom: undefined } {
  const { options, plan, data, stepsPerEpoch, output } = parts;
  const movedTo = moveAside(options.out);
  if (movedTo !== undefined) output.note(`moved the earlier run to ${escapeText(movedTo)}`);
  const at = systemClock.today().toISOString();
  const run = createRun(options.out, {
    keep: options.keep,
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
      options: toStoredOptions(keptOptions(options)),
      ...(parts.architectureSource === undefined ? {} : { architecture: parts.architectureSource }),
      data: describeData(parts.examples),
      versions: describeVersions(parts.version),
      machine: describeKernels(parts),
      resumed: [],
    },
  });
  return { run, resumeFrom: undefined };
}

function continueRun(
  parts: TrainingParts,
  { folder, stored }: ResumedOptions,
): { readonly run: Run; readonly resumeFrom: TrainingState | undefined } {
  const { options, output } = parts;
  checkResumedData(stored, describeData(parts.examples));
  const versions = describeVersions(parts.version);
  const machine = describeKernels(parts);
  const point = findResumePoint(folder);
  for (const { file, reason } of point.skipped) {
    output.warn(
      `${nodePath.basename(file)} is passed over and kept as ${nodePath.basename(file)}.bad: ${reason}`,
    );
  }
  const resumeFrom = 'state' in point ? point.state : undefined;
  const step = resumeFrom?.step ?? 0;
  output.note(step === 0 ? 'nothing was saved yet: the run begins again' : `going on after step ${step}`);
  const latest = stored.resumed.at(-1) ?? stored;
  const changes = Object.keys({ ...machine, ...versions }).filter(
    (key) => ({ ...latest.machine, ...latest.versions })[key] !== { ...machine, ...versions }[key],
  );
  if (changes.length > 0) {
    output.warn(
      `this run began under other conditions (${changes.join(', ')}): the same bits are not promised`,
    );
  }
  const at = systemClock.today();
  const config: RunConfig = {
    ...stored,
    options: toStoredOptions(keptOptions(options)),
    resumed: [...stored.resumed, { at: at.toISOString(), step, versions, machine }],
  };
  return { run: resumeRun(folder, { config, step, keep: options.keep, at }), resumeFrom };
}

/** The options that belong to the run, without those of this call. */
function keptOptions(options: TrainOptions): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => key !== 'out' && isKnownOption(key)));
}

/** The machine, and what on it computes: both have a say in the last bits. */
function describeKernels({ options, model }: TrainingParts): RunConfig['machine'] {
  return { ...describeMachine(options.threads), kernels: nameKernels(model, options.optimizer) };
}

function describeData({ train, test }: LoadedExamples): RunConfig['data'] {
  return {
    train: { images: train.count, sha256: train.sha256 },
    test: { images: test.count, sha256: test.sha256 },
  };
}

/** Versions of all that has a say in the numbers. */
function describeVersions(version: string): RunConfig['versions'] {
  return {
    'mnist-cnn': version,
    node: process.versions.node,
    tfjs: tf.version.tfjs,
    // The binding is not in the declared type of the backend.
    tensorflow: (tf.backend() as unknown as { binding: { TF_Version: string } }).binding.TF_Version,
  };
}

async function saveCurrent(parts: TrainingParts, run: Run): Promise<void> {
  const { model, plan, options, version } = parts;
  const metadata = describeModel({
    architecture: plan.architecture,
    options,
    points: run.points(),
    data: parts.data,
    versions: describeVersions(version),
  });
  await saveModel(model, run.folder, metadata);
}
