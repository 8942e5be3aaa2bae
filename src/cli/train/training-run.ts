import nodePath from 'node:path';
import type { TrainOptions } from '../../config/train-options.ts';
import { escapeText } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { LoadedExamples } from '../../data/load-examples.ts';
import type { Splits } from '../../data/split.ts';
import type { Model } from '../../model/layers.ts';
import { saveModel } from '../../model/saved-model.ts';
import { countParameters } from '../../model/shapes.ts';
import { writeWeights } from '../../model/weights.ts';
import { saveWeights } from '../../model/weights-file.ts';
import { writeCurves } from '../../report/curve-files.ts';
import { explainLostFolder } from '../../run/lost-folder.ts';
import type { RunConfig } from '../../run/run-config.ts';
import { createRun, findResumePoint, moveAside, type Run, resumeRun } from '../../run/run-directory.ts';
import type { TrainEvent, TrainingState } from '../../train/events.ts';
import type { TrainPlan } from '../../train/plan.ts';
import type { Output } from '../output.ts';
import { resumeCommand } from './ended-run.ts';
import { describeModel } from './model-metadata.ts';
import type { ProgressPlan } from './progress.ts';
import { checkResumedData, type ResumedOptions } from './resume.ts';
import { describeData, describeKernels, describeOptions, describeVersions } from './run-description.ts';
import { reportEnd } from './training-report.ts';
import { openTrainingPictures } from './tsne-pictures.ts';

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
  /** The step from which `--patience` counts. */
  readonly patienceFrom: number | undefined;
  readonly progressPlan: ProgressPlan;
  readonly append: (event: TrainEvent) => void;
  /** Aborted where the folder was removed or moved: the training stops to save what it can. */
  readonly lost: AbortSignal;
  /** Saves a checkpoint, and the model where it is the one to keep so far. */
  readonly saveCheckpoint: (event: CheckpointDue) => Promise<void>;
  /** Leaves the model, the last words and the pictures; the signal ends the drawing. */
  readonly finish: (signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
  /** Closes after an error, which is the one to report. */
  readonly abandon: () => void;
}

type CheckpointDue = Extract<TrainEvent, { type: 'checkpoint-due' }>;
type Ended = Extract<TrainEvent, { type: 'ended' }>;

/** Opens the model folder: a new one, after an earlier run is renamed, or that of the run to resume. */
export function openTraining(parts: TrainingParts): TrainingRun {
  const { options, plan, stepsPerEpoch, model, output } = parts;
  const { run, resumeFrom, patienceFrom } =
    parts.resumed === undefined ? startRun(parts) : continueRun(parts, parts.resumed);
  const plannedSteps = plan.config.epochs * stepsPerEpoch;
  const totalSteps = Math.min(plannedSteps, plan.config.maxSteps ?? Number.POSITIVE_INFINITY);
  let ended: Ended | undefined;
  const loss = new AbortController();
  const pictures = openPictures(parts, run, resumeFrom?.step ?? 0);
  return {
    resumeFrom,
    patienceFrom,
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
          if (best === undefined || best.step === step) await saveCurrent(parts, run, step);
        }
      } catch (error) {
        if (!run.isLost()) throw error;
      }
      if (run.isLost()) throw run.rescue(state);
    },
    finish: async (signal) => {
      if (ended === undefined) return;
      if (run.isLost()) throw explainLostFolder(run.folder, ended.step);
      if (ended.reason === 'interrupted') {
        const { step } = ended;
        const done =
          step === 0
            ? `stopped before the first of ${totalSteps} steps`
            : `saved at step ${step} of ${totalSteps}`;
        return output.advise(`${done}; resume with`, resumeCommand(options.out));
      }
      const keptStep = ended.best?.step ?? ended.step;
      if (keptStep !== ended.step) writeWeights(model, run.stateAt(keptStep).weights);
      await saveCurrent(parts, run, keptStep);
      if (options.saveWeights !== undefined) saveWeights(model, options.saveWeights);
      // Said before the pictures are drawn: the model is there.
      const { folder } = run;
      const { test } = parts.data;
      const isNew = ended.step !== resumeFrom?.step;
      const points = run.points();
      const end = { ended, keptStep, folder, model, test, options, points, isNew };
      await reportEnd({ ...end, totalSteps: plannedSteps }, output);
      await writeCurves(folder, { architecture: plan.architecture.name, points, keptStep });
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

/** The t-SNE pictures of the run, where they are wanted. */
function openPictures({ options, model, data, output }: TrainingParts, run: Run, startStep: number) {
  const { tsne: every, seed } = options;
  if (every === undefined) return undefined;
  const { folder, points } = run;
  return openTrainingPictures({ model, folder, test: data.test, every, seed, startStep, points, output });
}

type OpenedRun = Pick<TrainingRun, 'resumeFrom' | 'patienceFrom'> & { readonly run: Run };

function startRun(parts: TrainingParts): OpenedRun {
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
      ...describeOptions(options),
      ...(parts.architectureSource === undefined ? {} : { architecture: parts.architectureSource }),
      data: describeData(parts.examples),
      versions: describeVersions(parts.version),
      machine: describeKernels(parts.model, options),
      resumed: [],
    },
  });
  return { run, resumeFrom: undefined, patienceFrom: undefined };
}

function continueRun(parts: TrainingParts, { folder, stored, forgetsWaiting }: ResumedOptions): OpenedRun {
  const { options, output } = parts;
  checkResumedData(stored, describeData(parts.examples));
  const versions = describeVersions(parts.version);
  const machine = describeKernels(parts.model, options);
  const point = findResumePoint(folder);
  for (const { file, reason } of point.skipped) {
    output.warn(
      `${nodePath.basename(file)} is skipped and kept as ${nodePath.basename(file)}.bad: ${reason}`,
    );
  }
  const resumeFrom = 'state' in point ? point.state : undefined;
  const step = resumeFrom?.step ?? 0;
  output.note(step === 0 ? 'no checkpoint yet; starting over' : `resuming after step ${step}`);
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

/** Saves the model, whose weights are those of `step`. */
async function saveCurrent(parts: TrainingParts, run: Run, step: number): Promise<void> {
  const { model, plan, options, stepsPerEpoch, version } = parts;
  const metadata = describeModel({
    architecture: plan.architecture,
    options,
    step,
    stepsPerEpoch,
    points: run.points(),
    data: parts.data,
    source: describeData(parts.examples),
    versions: describeVersions(version),
  });
  await saveModel(model, run.folder, metadata);
}
