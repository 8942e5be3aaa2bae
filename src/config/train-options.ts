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
    description: 'the digits: MNIST, drawn ones, a folder of IDX files, or the Keras archive',
    changeable: true,
  }),
  transpose: toggle({
    description: "exchange rows and columns of each image, for EMNIST's digits, which lie on their side",
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
  offline: toggle({ description: 'use only files that are already there', changeable: true }),
} as const;

/** Those of them that say which digits are meant; a mirror is only where they come from. */
export const dataKeys = Object.keys(dataOptions).filter((key) => key !== 'mirror');

/** Every option of `train`. Each one's default is that of the tutorial the tool grew from. */
export const trainOptions = {
  preset: choice({
    default: undefined,
    choices: Object.keys(trainPresets),
    description:
      'a set of options under one name: fast99 makes the most of one epoch, adder trains the adding machine',
  }),
  // What is trained.
  arch: text({
    default: 'cnn',
    isPath: true,
    filePattern: /\.(json|ya?ml)$/i,
    placeholder: '<name|FILE>',
    description: 'the network', // cli/architecture-source.ts adds the names
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
    description: 'stop after so many epochs without a better validation accuracy',
    changeable: true,
  }),
  // How it learns.
  batchSize: integer({ default: 50, minimum: 1, maximum: 60_000, description: 'images a step' }),
  lr: decimal({ default: 0.001, above: 0, maximum: 1e6, description: 'learning rate' }),
  optimizer: choice({
    default: 'adam',
    choices: ['adam', 'sgd', 'momentum'],
    description: 'how weights follow gradients',
  }),
  beta1: decimal({
    default: 0.9,
    minimum: 0,
    maximum: 0.999999,
    description: "what Adam's running mean of the gradient keeps each step",
  }),
  beta2: decimal({
    default: 0.999,
    minimum: 0,
    maximum: 0.999999,
    description: "what Adam's running mean of its square keeps each step",
  }),
  schedule: choice({
    default: 'constant',
    choices: ['constant', 'cosine', 'one-cycle', 'linear'],
    description: 'how the learning rate moves over the run',
  }),
  seed: integer({ default: 0, minimum: 0, maximum: 2 ** 32 - 1, description: 'start of all chance' }),
  sampling: choice({
    default: 'shuffle',
    choices: ['shuffle', 'replacement'],
    description: 'each image once an epoch, or drawn with replacement',
  }),
  // What is measured.
  validation: {
    placeholder: '<0|N|test-half>',
    description: "images held back to choose by (default: the network's own)",
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
    description: 'steps between two log points',
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
    description: 'go on with the run in DIR (default: --out)',
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
    description: 'steps between two checkpoints (always: each epoch and each 60 s)',
    changeable: true,
  }),
  keep: integer({
    default: 3,
    minimum: 2,
    maximum: 1000,
    description: 'checkpoints kept besides the best one',
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
      'draw where the last layer puts 500 test images: at each log point, or every n steps, a multiple of --eval-every',
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
    description: 'take the folder over from a run on another machine that is surely dead',
    changeable: true,
  }),
  // The machine.
  threads: integer({
    default: undefined,
    minimum: 1,
    maximum: 256,
    description: 'processor threads (default: all)',
    changeable: true,
  }),
  kernels: choice({
    default: 'auto',
    choices: ['auto', 'fused', 'stock'],
    description:
      "what computes: our fused ops where they know the network (auto), those or an error, TensorFlow's own",
    changeable: true,
  }),
  // This call.
  config: path({
    default: undefined,
    description: 'config file (default: mnist-cnn.config.json or .yaml)',
    changeable: true,
  }),
  printConfig: toggle({ description: 'print each value and where it came from, and stop', changeable: true }),
  dryRun: toggle({
    description: 'check everything, print the network and the plan, and stop',
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
