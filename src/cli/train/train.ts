import { trainFlags } from '../architecture-source.ts';
import { defineCommand } from '../command.ts';
import { runInterruptible } from '../interrupt.ts';
import { printConfig } from './print-config.ts';

/** `mnist-cnn train`: trains a network, or resumes a run, and writes a model folder. */
export const train = defineCommand({
  name: 'train',
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
  options: trainFlags,
  run: async (context) => {
    const { options, origins, output } = context;
    if (options.printConfig) return printConfig(options, origins, output);
    await runInterruptible(output, stopWords, async (signal) => {
      // With it comes the schema library, which --help and misspelt flags need not wait for.
      const { runTraining } = await import('./run-training.ts');
      await runTraining(context, signal);
    });
  },
});

/** The answer to the first Ctrl-C. */
export const stopWords = 'Stopping after this step and saving. Press Ctrl-C again to quit without saving.';
