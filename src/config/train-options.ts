import {
  choice,
  decimal,
  duration,
  integer,
  list,
  type OptionValues,
  path,
  text,
  toggle,
} from './options.ts';
import { trainPresets } from './presets.ts';

/** Options of every command that reads the digits. */
export const dataOptions = {
  dataset: text({
    default: 'mnist',
    isPath: true,
    words: ['mnist', 'synthetic'],
    placeholder: '<mnist|synthetic|DIR|mnist.npz>',
    description:
      'the digits: MNIST, generated ones, a folder of IDX files or of pictures by class, or a NumPy archive like that of Keras',
    changeable: true,
  }),
  transpose: toggle({
    description: "swap the rows and columns of each image, for EMNIST's digits, which are stored transposed",
    changeable: true,
  }),
  dataDir: path({ default: 'data', description: 'folder for the MNIST files', changeable: true }),
  mirror: list({
    default: [],
    isPath: true,
    placeholder: '<URL-or-DIR,...>',
    description: 'where to fetch MNIST from, in order (default: the public mirrors)',
    changeable: true,
  }),
  offline: toggle({
    description: 'download nothing; use the files that are already there',
    changeable: true,
  }),
} as const;

/** Those of them that say which digits are meant; a mirror is only where they come from. */
export const dataKeys = Object.keys(dataOptions).filter((key) => key !== 'mirror');

/** How much `--augment` varies images, where it is not as its level says. */
export const strengthOptions = {
  augmentShift: decimal({
    default: undefined,
    maximum: 14,
    description: 'largest shift of --augment in pixels, in place of its own',
  }),
  augmentRotation: decimal({
    default: undefined,
    maximum: 180,
    description: 'largest rotation of --augment in degrees',
  }),
  augmentScale: decimal({
    default: undefined,
    maximum: 0.9,
    description: 'largest change of size of --augment, as a share',
  }),
  augmentShear: decimal({
    default: undefined,
    maximum: 2,
    description: 'largest shear of --augment, in pixels from row to row',
  }),
  augmentElastic: decimal({
    default: undefined,
    maximum: 10,
    description:
      'how far --augment bends the strokes: standard deviation in pixels of each node of a 6 x 6 grid',
  }),
} as const;

/** Every option of `train`. Each one's default is that of the tutorial the tool grew from. */
export const trainOptions = {
  preset: choice({
    default: undefined,
    choices: Object.keys(trainPresets),
    description:
      'a named set of options: fast99 gets the most out of one epoch, fast995 out of a minute, small out of 8,000 parameters; adder trains the adding machine',
  }),
  // What is trained.
  arch: text({
    default: 'cnn',
    isPath: true,
    filePattern: /\.(json|ya?ml)$/i,
    placeholder: '<name|FILE>',
    description: 'the network', // cli/architecture-source.ts adds the names
  }),
  init: path({
    default: undefined,
    placeholder: '<DIR>',
    description: 'start with the weights of the model in DIR, and its network, instead of random weights',
  }),
  dropout: decimal({
    default: undefined,
    minimum: 0,
    maximum: 0.99,
    description: "the rate of the network's dropout layers (default: the network's own)",
  }),
  // How long.
  epochs: integer({
    default: 1,
    minimum: 1,
    maximum: 10_000,
    description: 'passes over the training images',
    changeable: true,
  }),
  maxSteps: integer({
    default: undefined,
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'stop after this step',
    changeable: true,
  }),
  time: duration({ default: undefined, description: 'stop after this time', changeable: true }),
  targetAcc: decimal({
    default: undefined,
    above: 0,
    maximum: 1,
    description: 'stop when the validation accuracy reaches this',
    changeable: true,
  }),
  patience: integer({
    default: undefined,
    minimum: 1,
    maximum: 10_000,
    description: 'stop after this many epochs without a better validation accuracy',
    changeable: true,
  }),
  // How it learns.
  batchSize: integer({ default: 50, minimum: 1, maximum: 60_000, description: 'images per step' }),
  lr: decimal({ default: 0.001, above: 0, maximum: 1e6, description: 'learning rate' }),
  optimizer: choice({
    default: 'adam',
    choices: ['adam', 'sgd', 'momentum'],
    description: 'the method that updates the weights',
  }),
  beta1: decimal({
    default: 0.9,
    minimum: 0,
    maximum: 0.999999,
    description: "decay rate of Adam's running mean of the gradient",
  }),
  beta2: decimal({
    default: 0.999,
    minimum: 0,
    maximum: 0.999999,
    description: "decay rate of Adam's running mean of the squared gradient",
  }),
  weightDecay: decimal({
    default: 0,
    maximum: 1e6,
    description: 'shrink the kernels at each step by this share of them, times the learning rate',
  }),
  labelSmoothing: decimal({
    default: 0,
    maximum: 0.99,
    description: 'share of the wanted probability that goes to all classes alike',
  }),
  average: decimal({
    default: 0,
    maximum: 0.999999,
    description:
      'measure and save a running mean of the weights that keeps this share of itself a step, such as 0.998',
  }),
  schedule: choice({
    default: 'constant',
    choices: ['constant', 'cosine', 'one-cycle', 'linear', 'plateau'],
    description:
      'how the learning rate changes over the run; plateau: it falls when validation accuracy stands still',
  }),
  seed: integer({ default: 0, minimum: 0, maximum: 2 ** 32 - 1, description: 'random seed' }),
  sampling: choice({
    default: 'shuffle',
    choices: ['shuffle', 'replacement'],
    description: 'use each image once per epoch, or draw them with replacement',
  }),
  augment: choice({
    default: 'none',
    choices: ['none', 'shift', 'affine', 'elastic', 'pens'],
    description:
      'vary the training images in each epoch: shift them, turn and stretch them too (affine), bend them too (elastic), redraw some with other pens too (pens)',
  }),
  ...strengthOptions,
  nonDigits: decimal({
    default: 0,
    maximum: 1,
    description:
      'train on extra pictures that show no digit, as a share of the training images, so that the network is unsure of such',
  }),
  // What is measured.
  validation: {
    placeholder: '<0|N|test-half>',
    description: "images held out for validation (default: the network's own)",
    default: undefined,
    accepted: 'a whole number from 0 to 59,999, or test-half',
    parse: (given: string): number | 'test-half' | undefined =>
      given === 'test-half'
        ? given
        : /^\d{1,5}$/.test(given) && Number(given) < 60_000
          ? Number(given)
          : undefined,
  },
  evalEvery: integer({
    default: 50,
    minimum: 1,
    maximum: 1_000_000,
    description: 'steps between log points',
  }),
  evalImages: integer({
    default: 2000,
    minimum: 1,
    maximum: 60_000,
    description: 'test images measured at each log point',
  }),
  // The digits.
  ...dataOptions,
  // What is kept.
  out: path({ default: 'models/net', description: 'the model folder', changeable: true }),
  resume: {
    placeholder: '[DIR]',
    description: 'resume the run in DIR (default: --out)',
    default: undefined,
    bare: '',
    isPath: true,
    accepted: 'a path',
    changeable: true,
    parse: (given: string): string | undefined => (given === '' || given.includes('\0') ? undefined : given),
  },
  checkpointEvery: integer({
    default: undefined,
    minimum: 1,
    maximum: 1_000_000,
    description: 'steps between checkpoints (in addition to every epoch and every 60 s)',
    changeable: true,
  }),
  keep: integer({
    default: 3,
    minimum: 2,
    maximum: 1000,
    description: 'checkpoints to keep in addition to the best one',
    changeable: true,
  }),
  saveWeights: path({
    default: undefined,
    description: 'also write the weights alone to this file',
    changeable: true,
  }),
  tsne: {
    placeholder: '[n]',
    description:
      'draw a t-SNE map of 500 test images at each log point, or every n steps (a multiple of --eval-every)',
    default: undefined,
    bare: 'log-points',
    accepted: 'a whole number from 1 to 1,000,000, or log-points',
    changeable: true,
    parse: (given: string): number | 'log-points' | undefined => {
      if (given === 'log-points') return given;
      const steps = /^\d{1,7}$/.test(given) ? Number(given) : 0;
      return steps >= 1 && steps <= 1_000_000 ? steps : undefined;
    },
  },
  breakLock: toggle({
    description: 'take over the folder from a run on another machine that is certainly dead',
    changeable: true,
  }),
  // The machine.
  threads: integer({
    default: undefined,
    minimum: 1,
    maximum: 256,
    description: 'number of CPU threads (default: all)',
    changeable: true,
  }),
  kernels: choice({
    default: 'auto',
    choices: ['auto', 'fused', 'stock'],
    description:
      "what computes: our fused ops where they are built (auto), only those (fused), or TensorFlow's own (stock)",
    changeable: true,
  }),
  // This call.
  config: path({
    default: undefined,
    description: 'config file (default: mnist-cnn.config.json or .yaml)',
    changeable: true,
  }),
  printConfig: toggle({
    description: 'print each value and where it comes from, then exit',
    changeable: true,
  }),
  dryRun: toggle({
    description: 'check everything, print the network and the plan, then exit',
    changeable: true,
  }),
} as const;

export type TrainOptions = OptionValues<typeof trainOptions>;

/** Whether an option takes several values. */
export function isListOption(key: string): boolean {
  return Object.entries(trainOptions).some(
    ([name, { default: value }]) => name === key && Array.isArray(value),
  );
}

/** Whether a config file may hold this key. */
export function isKnownOption(key: string): boolean {
  return (
    Object.hasOwn(trainOptions, key) &&
    !['config', 'resume', 'printConfig', 'dryRun', 'breakLock'].includes(key)
  );
}
