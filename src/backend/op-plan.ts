import { check, checkEqual, checkInteger } from './checks.ts';

/** A network as our ops read it, made by model/fused-plan.ts. What the last layer gives are the logits. */
export interface OpPlan {
  readonly imageSizeBytes: number;
  /** A pixel byte enters the network as `byte * scale + offset`. */
  readonly pixels: { readonly scale: number; readonly offset: number };
  readonly layers: readonly OpLayer[];
}

/** What is done to each value that a layer gives. */
export type OpActivation = (typeof activations)[number];

/** What every layer has. */
interface Common {
  /** [height, width, channels]; after a flatten all values are channels. */
  readonly input: readonly [height: number, width: number, channels: number];
  /** `none` if left out. */
  readonly activation?: OpActivation;
}

interface Weighted extends Common {
  readonly bias: boolean;
}

/** A layer of a plan. */
export type OpLayer =
  /** A convolution with ReLU or without, then a 2 x 2 max-pool: the kernels that know both together are the fastest. */
  | ({ readonly kind: 'block' } & Weighted & {
        readonly kernelSize: number;
        readonly padding: number;
        readonly filters: number;
      })
  | ({ readonly kind: 'dense' } & Weighted & { readonly units: number })
  /** `position` in the architecture is part of what its masks are drawn by. */
  | ({ readonly kind: 'dropout' } & Common & { readonly rate: number; readonly position: number })
  | ({ readonly kind: 'convolution' } & Weighted & {
        readonly kernelSize: number;
        readonly strides: number;
        readonly dilationRate: number;
        readonly groups: number;
        /** Zeros above and on the left; below and on the right there are as many as the output needs. */
        readonly padding: readonly [top: number, left: number];
        readonly output: readonly [height: number, width: number];
        readonly filters: number;
      })
  | ({ readonly kind: 'pool' } & Common & {
        readonly poolSize: number;
        readonly strides: number;
        readonly isMean: boolean;
      })
  | ({ readonly kind: 'normalization' } & Common)
  /** Nothing but the activation. */
  | ({ readonly kind: 'activation' } & Common);

/** What follows from a plan, and what each call is checked against. A type, so that `tf.dispose` takes what holds it. */
export type OpSizes = {
  readonly imageSizeBytes: number;
  readonly parameterCount: number;
  readonly classCount: number;
  readonly dropoutCount: number;
  /** Numbers in the widest row of a dense layer: C++ multiplies it by the batch size. */
  readonly widest: number;
};

/** C++ counts in 32 bits, and rounds sizes up to whole vectors. */
export const largestSize = 2 ** 30;

/** `Layer::Kind` and `Activation` of native/plan.h, in their order. */
const kinds = ['block', 'dense', 'dropout', 'convolution', 'pool', 'normalization', 'activation'] as const;
const activations = ['none', 'relu', 'sigmoid', 'tanh'] as const;
const vectorSize = 16;
const numbersPerLayer = 15;

/** A layer as `parse_layer` in native/ops.cc reads it: kind, activation, bias, input, then the sizes of its kind. */
export function encodeLayer(layer: OpLayer): readonly number[] {
  const { kind, input, activation = 'none' } = layer;
  const bias = 'bias' in layer && layer.bias ? 1 : 0;
  const numbers = [
    kinds.indexOf(kind),
    activations.indexOf(activation),
    bias,
    ...input,
    ...listSizes(layer).map(([, size]) => size),
  ];
  return [...numbers, ...Array<number>(numbersPerLayer - numbers.length).fill(0)];
}

/** The sizes that only this kind of layer has, in the order of native/ops.cc, with their names for errors. */
function listSizes(layer: OpLayer): readonly (readonly [name: string, size: number])[] {
  if (layer.kind === 'block')
    return [
      ['kernel size', layer.kernelSize],
      ['padding', layer.padding],
      ['number of filters', layer.filters],
    ];
  if (layer.kind === 'dense') return [['number of units', layer.units]];
  if (layer.kind === 'convolution')
    return [
      ['kernel size', layer.kernelSize],
      ['stride', layer.strides],
      ['dilation rate', layer.dilationRate],
      ['number of groups', layer.groups],
      ['padding above', layer.padding[0]],
      ['padding on the left', layer.padding[1]],
      ['height of the output', layer.output[0]],
      ['width of the output', layer.output[1]],
      ['number of filters', layer.filters],
    ];
  if (layer.kind === 'pool')
    return [
      ['pool size', layer.poolSize],
      ['stride', layer.strides],
      ['kind of the pool', layer.isMean ? 1 : 0],
    ];
  return [];
}

/** What a layer gives to the next one, and its number of parameters. */
interface Output {
  readonly shape: readonly number[];
  readonly parameterCount: number;
}

/**
 * Checks what native/ops.cc takes for granted about a plan: its numbers, that each layer fits the one before it, and that
 * sizes stay within 32 bits.
 *
 * @throws TrainerError `E_INTERNAL` with the first number that is not sound.
 */
export function measurePlan({ imageSizeBytes, pixels, layers }: OpPlan): OpSizes {
  checkInteger('the size of an image', imageSizeBytes, 1, largestSize);
  // They become float32 on their way to C++.
  for (const setting of [pixels.scale, pixels.offset])
    check(Number.isFinite(Math.fround(setting)), 'a setting', 'a finite number', setting);
  checkInteger('the number of layers', layers.length, 1, largestSize);
  let shape: readonly number[] | undefined;
  let [parameterCount, widest] = [0, 0];
  for (const [index, layer] of layers.entries()) {
    const name = `layer ${index}`;
    checkInput(name, layer, shape ?? [imageSizeBytes]);
    for (const [what, size] of listSizes(layer)) checkInteger(`the ${what} of ${name}`, size, 0, largestSize);
    check(
      activations.includes(layer.activation ?? 'none'),
      `the activation of ${name}`,
      activations.join(', '),
      layer.activation ?? 'none',
    );
    const output = followLayer(name, layer);
    checkInteger(`the size of the output of ${name}`, product(output.shape), 1, largestSize);
    if (layer.kind === 'dense')
      widest = Math.max(widest, roundUp(product(layer.input)), roundUp(layer.units));
    shape = output.shape;
    parameterCount += output.parameterCount;
  }
  checkInteger('the number of parameters', parameterCount, 1, largestSize);
  return {
    imageSizeBytes,
    parameterCount,
    classCount: product(shape ?? []),
    dropoutCount: layers.filter(({ kind }) => kind === 'dropout').length,
    // Rows in memory end with up to two vectors that nobody uses.
    widest: widest + 2 * vectorSize,
  };
}

/** Layers that look at images take what the layer before them gives; the others may see it flat. */
function checkInput(name: string, { kind, input }: OpLayer, last: readonly number[]): void {
  checkEqual(`the length of the input shape of ${name}`, input.length, 3);
  for (const size of input) checkInteger(`a size of the input of ${name}`, size, 1, largestSize);
  checkEqual(`the number of inputs of ${name}`, product(input), product(last));
  if (last.length === 1) return;
  const looksAtImage = kind === 'block' || kind === 'convolution' || kind === 'pool';
  const isFlat = input[0] === 1 && input[1] === 1;
  if (looksAtImage || !isFlat) checkEqual(`the input shape of ${name}`, input.join(' x '), last.join(' x '));
}

function followLayer(name: string, layer: OpLayer): Output {
  const { input } = layer;
  if (layer.kind === 'block') return followBlock(name, layer);
  if (layer.kind === 'dense') return followDense(name, layer);
  if (layer.kind === 'convolution') return followConvolution(name, layer);
  if (layer.kind === 'pool') {
    const { poolSize, strides } = layer;
    checkInteger(`the pool size of ${name}`, poolSize, 1, Math.min(input[0], input[1]));
    checkInteger(`the stride of ${name}`, strides, 1, largestSize);
    const pooled = (length: number) => Math.floor((length - poolSize) / strides) + 1;
    return { shape: [pooled(input[0]), pooled(input[1]), input[2]], parameterCount: 0 };
  }
  if (layer.kind === 'dropout')
    check(
      layer.rate >= 0 && Math.fround(layer.rate) < 1,
      `the rate of ${name}`,
      'from 0 to below 1',
      layer.rate,
    );
  else check(kinds.includes(layer.kind), `the kind of ${name}`, kinds.join(', '), layer.kind);
  return { shape: input, parameterCount: layer.kind === 'normalization' ? 4 * input[2] : 0 };
}

function followBlock(name: string, layer: OpLayer & { readonly kind: 'block' }): Output {
  const { input, kernelSize, padding, filters, activation = 'none', bias } = layer;
  const [height, width, channels] = input;
  check(
    activation === 'none' || activation === 'relu',
    `the activation of ${name}`,
    'none or relu',
    activation,
  );
  const [paddedHeight, paddedWidth] = [height + 2 * padding, width + 2 * padding];
  checkInteger(`the padded size of ${name}`, paddedHeight * paddedWidth * channels, 1, largestSize);
  checkInteger(`the kernel size of ${name}`, kernelSize, 1, Math.min(paddedHeight, paddedWidth) - 1);
  checkInteger(`the number of filters of ${name}`, filters, 1, largestSize);
  const rowTaps = kernelSize * channels;
  checkInteger(`the size of the filters of ${name}`, filters * kernelSize * roundUp(rowTaps), 1, largestSize);
  const pool = (length: number) => Math.floor((length - kernelSize + 1) / 2);
  return {
    shape: [pool(paddedHeight), pool(paddedWidth), filters],
    parameterCount: filters * (kernelSize * rowTaps + (bias ? 1 : 0)),
  };
}

function followConvolution(name: string, layer: OpLayer & { readonly kind: 'convolution' }): Output {
  const { input, kernelSize, strides, dilationRate, groups, output, filters, bias } = layer;
  const [height, width, channels] = input;
  checkInteger(`the kernel size of ${name}`, kernelSize, 1, 2 ** 15);
  checkInteger(`the stride of ${name}`, strides, 1, largestSize);
  checkInteger(`the dilation rate of ${name}`, dilationRate, 1, largestSize);
  checkInteger(`the number of groups of ${name}`, groups, 1, channels);
  checkInteger(`the number of filters of ${name}`, filters, 1, largestSize);
  checkEqual(`what ${groups} groups leave of the channels of ${name}`, channels % groups, 0);
  checkEqual(`what ${groups} groups leave of the filters of ${name}`, filters % groups, 0);
  const weights = kernelSize ** 2 * (channels / groups) * filters;
  checkInteger(`the size of the filters of ${name}`, weights, 1, largestSize);
  // The most that convolution_frame and input_gradient of native/kernels/convolution.h put a border around.
  const [below, right] = output.map((length) => 2 * (length - 1) * strides);
  checkInteger(
    `the padded size of ${name}`,
    (height + (below ?? 0)) * (width + (right ?? 0)) * channels,
    1,
    largestSize,
  );
  const around = (2 * height + output[0] + 2) * (2 * width + output[1] + 2) * filters;
  checkInteger(`the padded size of the output of ${name}`, around, 1, largestSize);
  return { shape: [...output, filters], parameterCount: weights + (bias ? filters : 0) };
}

function followDense(name: string, { input, units, bias }: OpLayer & { readonly kind: 'dense' }): Output {
  const inputs = product(input);
  checkInteger(`the number of units of ${name}`, units, 1, Math.floor(largestSize / roundUp(inputs)));
  return { shape: [1, 1, units], parameterCount: units * (inputs + (bias ? 1 : 0)) };
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

function roundUp(size: number): number {
  return Math.ceil(size / vectorSize) * vectorSize;
}
