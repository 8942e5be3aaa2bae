import type { TrainOptions } from '../../config/train-options.ts';
import { escapeText, formatErrno } from '../../core/errors.ts';
import { trainFlags } from '../architecture-source.ts';
import { defineCommand } from '../command.ts';
import { formatCommand } from '../command-line.ts';
import { fetchWithProgress } from '../download-progress.ts';
import { runInterruptible } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { stopWords } from '../train/train.ts';

/** What `npm start` does once all is set up: trains, resumes an unfinished run, or shows the result. */
export const start = defineCommand({
  name: 'start',
  examples: [['npm start', 'set up and train the network cnn']],
  options: trainFlags,
  run: async (context) => {
    const { options, output } = context;
    const { findEnd, hasRun } = await import('../../run/run-directory.ts');
    const end = findEnd(options.out);
    if (end !== undefined) return showResult(options.out, end.step, output);
    await runInterruptible(output, stopWords, async (signal) => {
      const isUnfinished = hasRun(options.out);
      const chosen = isUnfinished
        ? { resume: '' }
        : { dataset: await chooseDataset(options, output, signal) };
      const { runTraining } = await import('../train/run-training.ts');
      await runTraining({ ...context, options: { ...options, ...chosen } }, signal);
    });
  },
});

function showResult(folder: string, step: number, output: Output): void {
  output.result(`${escapeText(folder)} is trained: ${step} steps`);
  output.next(formatCommand('eval', { flags: { model: folder } }));
}

/** MNIST where it is there or can be fetched, else the synthetic digits, with a warning. */
async function chooseDataset(options: TrainOptions, output: Output, signal: AbortSignal): Promise<string> {
  if (options.dataset !== 'mnist') return options.dataset;
  try {
    await fetchWithProgress(options, output, signal);
    return 'mnist';
  } catch (error) {
    const isOutOfReach = error instanceof Error && 'code' in error && error.code === 'E_NETWORK';
    if (!isOutOfReach) throw error;
    output.warn(`MNIST is not available (${formatErrno(error)})`);
    output.warn('training on the built-in synthetic digits instead, which are generated, not handwritten');
    output.note('  to use your own MNIST files: npm start -- --mirror FOLDER');
    return 'synthetic';
  }
}
