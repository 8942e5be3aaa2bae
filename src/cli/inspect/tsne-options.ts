import { integer, toggle } from '../../config/options.ts';
import { trainOptions } from '../../config/train-options.ts';
import { modelOptions } from '../model-source.ts';
import { tsneDefaults } from '../tsne/tsne-defaults.ts';

const tsneSwitch = toggle({
  description: "draw a t-SNE map of the test images from the last layer's input",
});

/** The options of `inspect --tsne`. */
export const tsneOptions = {
  tsne: {
    ...tsneSwitch,
    // A config file's `tsne: 100` is meant for `train`.
    parse: (given: string) =>
      trainOptions.tsne.parse(given) === undefined ? tsneSwitch.parse(given) : false,
  },
  perplexity: integer({
    default: tsneDefaults.perplexity,
    minimum: 1,
    maximum: 1000,
    description: 'with --tsne: roughly how many neighbors of each image count',
  }),
  iterations: integer({
    default: tsneDefaults.iterations,
    minimum: 250,
    maximum: 1_000_000,
    description: 'with --tsne: steps of gradient descent',
  }),
  seed: { ...modelOptions.seed, description: 'random seed for --untrained and --tsne' },
} as const;
