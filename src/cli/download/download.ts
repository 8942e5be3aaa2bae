import { dataOptions } from '../../config/train-options.ts';
import { escapeText } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { formatCommand, pickFlags } from '../command-line.ts';
import { fetchWithProgress } from '../download-progress.ts';
import { runInterruptible } from '../interrupt.ts';

const { dataDir, mirror, offline } = dataOptions;

/** `mnist-cnn download`: fetches and verifies the four MNIST files. */
export const download = defineCommand({
  name: 'download',
  examples: [
    ['mnist-cnn download', 'into the folder data/, from the public mirrors'],
    ['mnist-cnn download --mirror ~/mnist', 'from a folder of yours'],
    ['mnist-cnn download --offline', 'only check the files that are there'],
  ],
  options: { dataDir, mirror, offline },
  run: async ({ options, flags, output }) => {
    await runInterruptible(output, 'Stopping.', async (signal) => {
      const { files } = await fetchWithProgress(options, output, signal);
      const isComplete = files.every(({ status }) => status === 'present');
      const folder = escapeText(options.dataDir);
      if (output.json) output.result({ dataDir: options.dataDir, files });
      else output.result(`${folder}: ${isComplete ? 'already complete' : 'complete'}, 4 files verified`);
      output.next(formatCommand('train', { flags: pickFlags(flags, ['dataDir']) }));
    });
  },
});
