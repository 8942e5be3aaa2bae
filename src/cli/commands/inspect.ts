import { defineCommand } from '../command.ts';
import { inspectOptions } from '../inspect/inspect-options.ts';
import { showSummary } from '../inspect/summary-view.ts';

/** `mnist-cnn inspect`: looks into a network. */
export const inspect = defineCommand({
  name: 'inspect',
  summary: 'look into a network: its layers, their shapes and costs',
  examples: [
    ['mnist-cnn inspect', 'the layers of the model in models/net'],
    ['mnist-cnn inspect --arch conv3x3', 'those of a network by its name, without a model'],
  ],
  options: inspectOptions,
  run: showSummary,
});
