import type { Command } from './command.ts';

/** A verb as the list of all verbs shows it; the command itself is loaded only when it is called. */
export interface Verb {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly isHidden?: boolean;
  readonly load: () => Promise<Command>;
  readonly summary: string;
}

/** Every verb of the command line, in the order of a first hour with the tool. */
export const verbs: readonly Verb[] = [
  {
    name: 'train',
    summary: 'train a network and write a model folder',
    load: async () => (await import('./train/train.ts')).train,
  },
  {
    name: 'eval',
    aliases: ['evaluate', 'val', 'test'],
    summary: 'measure a model on the test images',
    load: async () => (await import('./eval/eval.ts')).evaluate,
  },
  {
    name: 'compare',
    summary: 'compare two models on the same test images and test whether one is better',
    load: async () => (await import('./compare/compare.ts')).compare,
  },
  {
    name: 'predict',
    summary: 'read digits from pictures',
    load: async () => (await import('./predict/predict.ts')).predict,
  },
  {
    name: 'inspect',
    summary: 'inspect a network: layers and costs, filters, feature maps, shifts, t-SNE',
    load: async () => (await import('./inspect/inspect.ts')).inspect,
  },
  {
    name: 'add',
    summary: 'add two handwritten digits with the adding machine',
    load: async () => (await import('./add/add.ts')).add,
  },
  {
    name: 'show',
    summary: 'draw an example and print the sizes of the data set',
    load: async () => (await import('./show/show.ts')).show,
  },
  {
    name: 'filter',
    summary: 'find edges, sharpen, emboss or blur a picture by convolution',
    load: async () => (await import('./filter/filter.ts')).filter,
  },
  {
    name: 'download',
    summary: 'fetch and verify the MNIST files',
    load: async () => (await import('./download/download.ts')).download,
  },
  {
    name: 'setup',
    summary: 'set up the native library and addons',
    load: async () => (await import('./setup/setup.ts')).setup,
  },
  {
    name: 'doctor',
    summary: 'check the installation and suggest repairs',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of the log lines or of the config file',
    load: async () => (await import('./schema/schema.ts')).schema,
  },
  {
    name: 'start',
    isHidden: true,
    summary: 'what `npm start` does: train, resume or show the result',
    load: async () => (await import('./start/start.ts')).start,
  },
];
