import { integer, type Option, path, text, toggle } from '../../config/options.ts';
import { dataOptions, trainOptions } from '../../config/train-options.ts';
import type { Shift } from '../../model/shift-images.ts';
import type { CommandContext } from '../command.ts';
import { splitOption } from '../example-choice.ts';
import { modelOptions } from '../model-source.ts';
import { tsneDefaults } from '../tsne/tsne-defaults.ts';

/** `--shift 3` or `--shift -2,4`: pixels to the right and, behind a comma, down. */
const shiftOption: Option<Shift | undefined> = {
  placeholder: '<right[,down]>',
  description:
    'shift an image, and the test images by -10 to 10 pixels, and show how reading and maps change',
  default: undefined,
  accepted: 'pixels to the right, or right and down, such as 3 or -2,4, each from -27 to 27',
  parse: (given) => {
    const words = given.split(',');
    if (words.length > 2 || !words.every((word) => /^[+-]?\d{1,2}$/.test(word))) return undefined;
    const [right = 0, down = 0] = words.map(Number);
    return Math.max(Math.abs(right), Math.abs(down)) > 27 ? undefined : { right, down };
  },
};

const tsneSwitch = toggle({
  description: "draw a t-SNE map of the test images from the last layer's input",
});

/** The options of `inspect --tsne`. */
const tsneOptions = {
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

/** The options of `inspect`, which all its views share. */
export const inspectOptions = {
  ...modelOptions,
  arch: text({
    default: undefined,
    placeholder: '<name|FILE>',
    description: 'a network by name or file; alone, or with --weights or --untrained',
  }),
  filters: toggle({ description: 'draw the filters of the convolutions' }),
  maps: toggle({ description: 'draw the feature maps of an image, layer by layer' }),
  shift: shiftOption,
  ...tsneOptions,
  images: integer({
    default: undefined,
    minimum: 0,
    maximum: 1_000_000,
    description: 'the first n test images only (with --shift: 0 for none; with --tsne: 500 by default)',
  }),
  image: path({
    default: undefined,
    placeholder: '<file>',
    description: 'the picture to inspect, centered as predict does',
  }),
  index: integer({
    default: 0,
    minimum: 0,
    maximum: 999_999,
    description: 'or the example to inspect, counted from 0',
  }),
  split: splitOption('test'),
  layer: text({
    default: undefined,
    placeholder: '<name|number>',
    description: 'only this layer, by its name or its number in the summary (default: all that can be drawn)',
  }),
  outDir: path({
    default: undefined,
    placeholder: '<folder>',
    description: "folder for the pictures (default: inspect/ in the model's folder, with --tsne tsne/)",
  }),
  ...dataOptions,
} as const;

/** What a view of `inspect` is given. */
export type InspectContext = CommandContext<typeof inspectOptions>;
