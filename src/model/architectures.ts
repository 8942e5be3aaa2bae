import { escapeText, TrainerError } from '../core/errors.ts';
import type { LayerDefinition } from './layers/layer-kinds.ts';

/** The tasks that a network can learn: the shape of its input, [H, W, C], and its classes. */
export const tasks = {
  /** Which digit an image shows. */
  digit: { inputShape: [28, 28, 1], classes: 10 },
  /** The sum of two digits side by side. */
  sum: { inputShape: [28, 56, 1], classes: 19 },
} as const;

export type Task = keyof typeof tasks;

/** The input and classes of this network's task. */
export function taskOf({ task = 'digit' }: { readonly task?: Task }): (typeof tasks)[Task] {
  return tasks[task];
}

/** The design of a network, from pixels to one logit for each class. */
export interface Architecture {
  readonly name: string;
  /** `digit` by default. */
  readonly task?: Task;
  readonly layers: readonly LayerDefinition[];
  /** A pixel byte enters the network as `byte * scale + offset`. */
  readonly pixels: { readonly scale: number; readonly offset: number };
  /** Number of training images held out for validation, unless `--validation` overrides it. */
  readonly validation: number;
}

const unitRange = { scale: 1 / 255, offset: 0 };

/** A convolution of 5 x 5 with ReLU, and a max-pool of 2 x 2. */
function block(filters: number): readonly LayerDefinition[] {
  return [
    { type: 'conv2d', filters, kernelSize: 5, padding: 'same', activation: 'relu' },
    { type: 'maxPooling2d', poolSize: 2 },
  ];
}

/** Two blocks of convolution, ReLU and max-pool, then one dense layer: the network of the tutorial. */
const cnn: Architecture = {
  name: 'cnn',
  pixels: unitRange,
  validation: 0,
  layers: [...block(16), ...block(32), { type: 'flatten' }, { type: 'dense', units: 10 }],
};

/** The blocks of `cnn` half as wide again, and a hidden dense layer with dropout: the network of the preset fast995. */
const cnnDropout: Architecture = {
  name: 'cnn-dropout',
  pixels: unitRange,
  validation: 0,
  layers: [
    ...block(24),
    ...block(48),
    { type: 'flatten' },
    { type: 'dense', units: 128, activation: 'relu' },
    { type: 'dropout', rate: 0.3 },
    { type: 'dense', units: 10 },
  ],
};

/** Batch normalization behind each convolution. */
function normalizedConvolution(filters: number, kernelSize: number): readonly LayerDefinition[] {
  return [
    { type: 'conv2d', filters, kernelSize, padding: 'same', useBias: false },
    { type: 'batchNormalization' },
    { type: 'activation', activation: 'relu' },
  ];
}

/** As accurate as fewer than 8,000 parameters can be: the network of the preset small. */
const cnnSmall: Architecture = {
  name: 'cnn-small',
  pixels: unitRange,
  validation: 0,
  layers: [
    ...normalizedConvolution(8, 5),
    { type: 'maxPooling2d', poolSize: 2 },
    ...normalizedConvolution(16, 3),
    ...normalizedConvolution(16, 3),
    { type: 'maxPooling2d', poolSize: 2 },
    ...normalizedConvolution(16, 3),
    { type: 'maxPooling2d', poolSize: 2 },
    { type: 'flatten' },
    { type: 'dense', units: 10 },
  ],
};

/** Four convolutions of 3 x 3, two before each max-pool, and a hidden dense layer: the network of models/pretrained. */
const cnnDeep: Architecture = {
  name: 'cnn-deep',
  pixels: unitRange,
  validation: 0,
  layers: [
    { type: 'conv2d', filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' },
    { type: 'conv2d', filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' },
    { type: 'maxPooling2d', poolSize: 2 },
    { type: 'conv2d', filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' },
    { type: 'conv2d', filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' },
    { type: 'maxPooling2d', poolSize: 2 },
    { type: 'flatten' },
    { type: 'dense', units: 128, activation: 'relu' },
    { type: 'dropout', rate: 0.4 },
    { type: 'dense', units: 10 },
  ],
};

/** The Keras subclass model: wider, with a hidden dense layer. */
const cnnLarge: Architecture = {
  name: 'cnn-large',
  pixels: unitRange,
  validation: 0,
  layers: [
    ...block(32),
    ...block(64),
    { type: 'flatten' },
    { type: 'dense', units: 1024, activation: 'relu' },
    { type: 'dense', units: 10 },
  ],
};

/** The from-scratch forward pass: one small convolution without bias or activation, pixels in [-0.5, 0.5]. */
const conv3x3: Architecture = {
  name: 'conv3x3',
  pixels: { scale: 1 / 255, offset: -0.5 },
  validation: 0,
  layers: [
    {
      type: 'conv2d',
      filters: 8,
      kernelSize: 3,
      padding: 'valid',
      useBias: false,
      initializer: { type: 'normal', standardDeviation: 1 / 9 },
    },
    { type: 'maxPooling2d', poolSize: 2 },
    { type: 'flatten' },
    { type: 'dense', units: 10, initializer: { type: 'normal', standardDeviation: 1 / 1352 } },
  ],
};

/** The lecture's network, with dropout and a validation set. */
const convnet: Architecture = {
  name: 'convnet',
  pixels: unitRange,
  validation: 5000,
  layers: [
    ...block(4),
    ...block(8),
    { type: 'flatten' },
    { type: 'dense', units: 512, activation: 'relu' },
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 10 },
  ],
};

/** The adding machine: two digits side by side, seen by the same filters, and dense layers that add. */
const adder: Architecture = {
  name: 'adder',
  task: 'sum',
  pixels: unitRange,
  validation: 0,
  layers: [
    // The blocks of cnn, and flatten.
    ...cnn.layers.slice(0, -1),
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 256, activation: 'relu' },
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 19 },
  ],
};

/** Every network that `--arch` knows by name. To add one, write it above and name it here. */
const architectures: readonly Architecture[] = [
  cnn,
  cnnDeep,
  cnnDropout,
  cnnLarge,
  cnnSmall,
  conv3x3,
  convnet,
  adder,
];

export const architectureNames: readonly string[] = architectures.map(({ name }) => name);

/** Whether `--arch` names a file, which model/architecture-file.ts reads, and not one of these networks. */
export function isArchitectureFile(name: string): boolean {
  return /\.(json|ya?ml)$/i.test(name);
}

/** The architecture of this name. @throws TrainerError `E_USAGE` with the known names. */
export function findArchitecture(name: string): Architecture {
  const found = architectures.find((architecture) => architecture.name === name);
  if (found) return found;
  throw new TrainerError(
    'E_USAGE',
    `unknown architecture "${escapeText(name)}", expected one of ${architectureNames.join(', ')}, or a file *.json or *.yaml`,
  );
}

/** The same architecture with another rate in each of its dropout layers. @throws TrainerError `E_USAGE` if it has none. */
export function withDropout(architecture: Architecture, rate: number | undefined): Architecture {
  if (rate === undefined) return architecture;
  if (!architecture.layers.some((layer) => layer.type === 'dropout')) {
    throw new TrainerError(
      'E_USAGE',
      `--dropout ${rate}: the network ${architecture.name} has no dropout layer`,
    );
  }
  const layers = architecture.layers.map((layer) => (layer.type === 'dropout' ? { ...layer, rate } : layer));
  return { ...architecture, layers };
}
