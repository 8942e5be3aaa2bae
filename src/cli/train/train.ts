import { loadTensorFlow, startLoadingTensorFlow } from '../../backend/tf.ts';
import { type TrainOptions, trainOptions } from '../../config/train-options.ts';
import { asFailedWork, checkWritable } from '../../core/files.ts';
import { systemClock } from '../../core/time.ts';
import { createBatches } from '../../data/batches.ts';
import { pairSplits } from '../../data/pairs.ts';
import { splitExamples } from '../../data/split.ts';
import { buildModel } from '../../model/layers.ts';
import { formatSummary } from '../../model/summary.ts';
import { acquireLock } from '../../run/lock.ts';
import { planTraining } from '../../train/plan.ts';
import { train as trainModel } from '../../train/train.ts';
import { openArchitecture } from '../architecture-source.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { loadWithProgress } from '../download-progress.ts';
import { runInterruptible } from '../interrupt.ts';
import { noteKernels } from './kernels-note.ts';
import { printConfig } from './print-config.ts';
import { createProgress } from './progress.ts';

/** `mnist-cnn train`: trains a network, or resumes a run, and writes a model folder. */
export const train = defineCommand({
  name: 'train',
  summary: 'train a network and write a model folder',
  examples: [
    ['mnist-cnn train', 'one epoch of the network cnn on MNIST'],
    [
      'mnist-cnn train --epochs 10 --validation 5000',
      'keep the weights that are best on 5,000 held-out images',
    ],
    ['mnist-cnn train --resume', 'resume the last run where it stopped'],
    ['mnist-cnn train --resume --epochs 5', 'add epochs to a finished run'],
    ['mnist-cnn train --tsne', 'also draw how the digits separate during training'],
    ['mnist-cnn train --dataset synthetic', 'without any download, on generated digits'],
  ],
  options: trainOptions,
  run: async (context) => {
    const { options, origins, output } = context;
    if (options.printConfig) return printConfig(options, origins, output);
    await runInterruptible(output, stopWords, (signal) => runTraining(context, signal));
  },
});

/** The answer to the first Ctrl-C. */
export const stopWords = 'Stopping after this step and saving. Press Ctrl-C again to quit without saving.';

/** Trains as the options say, until the end or the signal. */
export async function runTraining(
  context: CommandContext<typeof trainOptions>,
  signal: AbortSignal,
): Promise<void> {
  const { output, version } = context;
  // With these comes the schema library, which --help and misspelt flags need not wait for.
  const { openTraining } = await import('./training-run.ts');
  const { readResumedOptions } = await import('./resume.ts');
  const resumed = context.options.resume === undefined ? undefined : readResumedOptions(context);
  const options: TrainOptions = resumed?.options ?? context.options;
  const network = await openArchitecture(options.arch, resumed?.stored.architecture);
  const plan = planTraining(options, network.architecture);
  output.note(`mnist-cnn ${version}\n${formatSummary(plan.architecture)}`);
  if (options.saveWeights !== undefined && !options.dryRun) checkWritable(options.saveWeights);
  const lock = options.dryRun ? undefined : acquireLock(options.out, options);
  if (lock?.takenOverFrom !== undefined)
    output.note(`taking over from pid ${lock.takenOverFrom}, which is gone`);
  try {
    const threads = options.threads === undefined ? {} : { threads: options.threads };
    if (!options.dryRun) startLoadingTensorFlow(threads);
    const examples = await loadWithProgress(options, output, signal);
    const digits = splitExamples(examples, plan.validation, options.seed);
    const isSum = plan.architecture.task === 'sum';
    const data = isSum ? pairSplits(digits, options.seed) : digits;
    const { train: trained, validation, test } = data;
    const { stepsPerEpoch } = createBatches({ ...plan.config, count: trained.count });
    output.note(
      `${trained.count} training, ${validation?.count ?? 0} validation, ${test.count} test ${isSum ? 'pairs' : 'images'}, ${stepsPerEpoch} steps per epoch`,
    );
    if (lock === undefined) return output.note('dry run: nothing was written');

    await loadTensorFlow(threads);
    const model = buildModel(plan.architecture, options.kernels);
    noteKernels(model, options, output);
    const run = openTraining({
      options,
      plan,
      architectureSource: network.source,
      examples,
      data,
      stepsPerEpoch,
      model,
      resumed,
      output,
      version,
    });
    const progress = await createProgress(output, run.progressPlan);
    try {
      const stop = AbortSignal.any([signal, run.lost]);
      const { resumeFrom, patienceFrom } = run;
      const input = { data, resumeFrom, patienceFrom, signal: stop, clock: systemClock };
      for await (const event of trainModel(model, input, plan.config)) {
        run.append(event);
        progress.show(event);
        if (event.type === 'checkpoint-due') await run.saveCheckpoint(event);
      }
      progress.stop();
      await run.finish(signal);
      run.close();
    } catch (error) {
      run.abandon();
      throw asFailedWork(error);
    } finally {
      progress.stop();
    }
  } finally {
    lock?.release();
  }
}
