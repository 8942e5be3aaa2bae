import { countTrainingExamples } from '../../augment/training-examples.ts';
import { loadTensorFlow, startLoadingTensorFlow } from '../../backend/tf.ts';
import type { TrainOptions, trainOptions } from '../../config/train-options.ts';
import { escapeText } from '../../core/errors.ts';
import { asFailedWork, checkWritable } from '../../core/files.ts';
import { systemClock } from '../../core/time.ts';
import { createBatches } from '../../data/batches.ts';
import type { LoadedExamples } from '../../data/load-examples.ts';
import { pairSplits } from '../../data/pairs.ts';
import { splitExamples } from '../../data/split.ts';
import { buildModel } from '../../model/model.ts';
import { formatSummary } from '../../model/summary.ts';
import { acquireLock } from '../../run/lock.ts';
import type { Run } from '../../run/run-directory.ts';
import type { Ended, TrainingState } from '../../train/events.ts';
import { planTraining, type TrainPlan } from '../../train/plan.ts';
import { countSteps } from '../../train/timeline.ts';
import { train } from '../../train/train.ts';
import { openArchitecture } from '../architecture-source.ts';
import type { CommandContext } from '../command.ts';
import { loadWithProgress } from '../download-progress.ts';
import type { Output } from '../output.ts';
import { openInitialModel } from './initial-model.ts';
import { noteKernels } from './kernels-note.ts';
import { type OpenedRun, openRun, type Training } from './open-run.ts';
import { createProgress, type ProgressPlan } from './progress.ts';
import { readResumedOptions } from './resume.ts';
import { finishTraining, saveCheckpoint } from './save-training.ts';
import { openTrainingPictures } from './tsne-pictures.ts';

/** The main path: reads the options, loads the data, builds the network, opens the model folder, trains, and saves. */
export async function runTraining(
  context: CommandContext<typeof trainOptions>,
  signal: AbortSignal,
): Promise<void> {
  const { output, version } = context;
  const resumed = context.options.resume === undefined ? undefined : readResumedOptions(context);
  const initial = resumed === undefined ? await openInitialModel(context) : undefined;
  const options: TrainOptions = resumed?.options ?? {
    ...context.options,
    ...(initial && { arch: initial.arch }),
  };
  const network = initial?.network ?? (await openArchitecture(options.arch, resumed?.stored.architecture));
  const plan = planTraining(options, network.architecture);
  output.note(`mnist-cnn ${version}\n${formatSummary(plan.architecture)}`);
  if (initial) output.note(`starting with the weights of ${escapeText(initial.folder)}`);
  if (options.saveWeights !== undefined && !options.dryRun) checkWritable(options.saveWeights);
  const lock = options.dryRun ? undefined : acquireLock(options.out, options);
  if (lock?.takenOverFrom !== undefined)
    output.note(`taking over from pid ${lock.takenOverFrom}, which is gone`);
  try {
    const threads = options.threads === undefined ? {} : { threads: options.threads };
    if (!options.dryRun) startLoadingTensorFlow(threads);
    const examples = await loadWithProgress(options, output, signal);
    const { data, stepsPerEpoch } = splitData(examples, plan, output);
    if (lock === undefined) return output.note('dry run: nothing was written');

    await loadTensorFlow(threads);
    const model = buildModel(plan.architecture, options.kernels);
    noteKernels(model, options, output);
    const loaded = { options, plan, examples, data, stepsPerEpoch, model, output, version };
    const training = { ...loaded, architectureSource: network.source, initial };
    await trainInto(openRun(training, resumed), training, signal);
  } finally {
    lock?.release();
  }
}

/** The splits of this run, of digits or of pairs of digits, and the number of steps per epoch. */
function splitData(
  examples: LoadedExamples,
  { architecture, validation, config }: TrainPlan,
  output: Output,
) {
  const digits = splitExamples(examples, validation, config.seed);
  const isSum = architecture.task === 'sum';
  const data = isSum ? pairSplits(digits, config.seed) : digits;
  const count = countTrainingExamples(data.train.count, config.nonDigits ?? 0);
  const { stepsPerEpoch } = createBatches({ ...config, count });
  const extra = count === data.train.count ? '' : ` and ${count - data.train.count} pictures of no digit`;
  output.note(
    `${data.train.count} training${extra && ' images'}${extra}, ${data.validation?.count ?? 0} validation, ${data.test.count} test ${isSum ? 'pairs' : 'images'}, ${stepsPerEpoch} steps per epoch`,
  );
  return { data, stepsPerEpoch };
}

/** Trains; the log, the checkpoints, the display and the pictures listen to its events. Then saves the model. */
async function trainInto(opened: OpenedRun, training: Training, signal: AbortSignal): Promise<void> {
  const { run, resumeFrom, patienceFrom } = opened;
  const { model, data, plan, output } = training;
  const progress = await createProgress(output, planProgress(training, resumeFrom));
  const pictures = openPictures(training, run, resumeFrom?.step ?? 0);
  // Aborted if the folder was removed or moved: training stops and saves what it can.
  const lost = new AbortController();
  let ended: Ended | undefined;
  try {
    const stop = AbortSignal.any([signal, lost.signal]);
    const input = { data, resumeFrom, patienceFrom, signal: stop, clock: systemClock };
    for await (const event of train(model, input, plan.config)) {
      run.append(event);
      pictures?.keep(event);
      progress.show(event);
      if (event.type === 'step' && run.isLost()) lost.abort();
      if (event.type === 'checkpoint-due') await saveCheckpoint(training, run, event);
      if (event.type === 'ended') ended = event;
    }
    progress.stop();
    if (ended) await finishTraining(training, opened, ended);
    if (ended?.reason !== 'interrupted') await pictures?.draw(signal);
    run.close();
  } catch (error) {
    throw asFailedWork(error);
  } finally {
    progress.stop();
  }
}

function planProgress(
  { plan, stepsPerEpoch }: Training,
  resumeFrom: TrainingState | undefined,
): ProgressPlan {
  return {
    totalSteps: countSteps(plan.config, stepsPerEpoch),
    batchSize: plan.config.batchSize,
    done: { step: resumeFrom?.step ?? 0, elapsedMs: resumeFrom?.elapsedMs ?? 0 },
  };
}

/** The t-SNE pictures of the run, if requested. */
function openPictures({ options, model, data, output }: Training, run: Run, startStep: number) {
  const { tsne: every, seed } = options;
  if (every === undefined) return undefined;
  const { folder, points } = run;
  return openTrainingPictures({ model, folder, test: data.test, every, seed, startStep, points, output });
}
