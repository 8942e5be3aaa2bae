import type { OpLayer } from '../../backend/ops.ts';
import { tf } from '../../backend/tf.ts';
import { isRelu } from './activation.ts';
import { type Convolution, createFlexibleConvolution, flexibleClassName } from './flexible-convolution.ts';
import { channelsLast, findOblong, kerasClass, size, square } from './keras-settings.ts';
import type { LayerKind } from './layer-kind.ts';
import { type LayerPlan, toImage } from './layer-plan.ts';
import type { AnyLayer, LayerShapeOf } from './layer-shape.ts';
import { isHalvingMaxPool } from './pooling.ts';
import {
  firstKernel,
  kernelAndBias,
  readWeightedSum,
  weightedSumKeys,
  weightedSumOptions,
  weightedSumPlan,
  weightedSumSettings,
} from './weighted-sum.ts';

/** A layer of filters. */
export interface Conv2d extends Convolution {
  readonly type: 'conv2d';
}

export const conv2d: LayerKind<Conv2d> = {
  type: 'conv2d',
  keys: (z) => {
    const count = z.number().int().min(1).max(100_000);
    return {
      filters: count,
      kernelSize: count,
      padding: z.union([z.enum(['same', 'valid']), z.number().int().min(0).max(100)]).default('valid'),
      strides: count.optional(),
      dilationRate: count.optional(),
      groups: count.optional(),
      ...weightedSumKeys(z),
    };
  },
  describe: (layer) => {
    const { filters, kernelSize, padding, strides = 1, dilationRate = 1, groups = 1, activation } = layer;
    const how = [
      typeof padding === 'number' ? `padding ${padding}` : padding,
      ...(strides === 1 ? [] : [`strides ${strides}`]),
      ...(dilationRate === 1 ? [] : [`dilation ${dilationRate}`]),
      ...(groups === 1 ? [] : [`${groups} groups`]),
    ];
    const field = [`${kernelSize}x${kernelSize}`, ...how].join(', ');
    return `conv2d ${filters} (${field})${activation === undefined ? '' : `, ${activation}`}`;
  },

  inputDimensions: 3,
  reach: reachOf,
  findProblem: ({ groups = 1, filters }, inputShape) => {
    const channels = inputShape.at(-1) ?? 0;
    if (channels % groups !== 0)
      return `has ${groups} groups, which do not divide its ${channels} input channels`;
    if (filters % groups !== 0) return `has ${groups} groups, which do not divide its ${filters} filters`;
    return undefined;
  },
  outputShape: (layer, [height = 0, width = 0]) => {
    const { padding, strides = 1, filters } = layer;
    const around = typeof padding === 'number' ? 2 * padding : 0;
    const lost = padding === 'same' ? 0 : reachOf(layer) - 1;
    const length = (given: number) => Math.ceil((given + around - lost) / strides);
    return [length(height), length(width), filters];
  },
  weights: (layer, inputShape) => {
    const { kernelSize, filters, groups = 1 } = layer;
    return kernelAndBias([kernelSize, kernelSize, (inputShape.at(-1) ?? 0) / groups, filters], layer);
  },
  firstWeights: firstKernel,

  build: (shape, input) => {
    const { name, layer } = shape;
    const { filters, kernelSize, padding, strides = 1 } = layer;
    // tfjs' own layer knows neither groups nor padding by a number, and cannot train with dilation.
    if (typeof padding === 'number' || (layer.dilationRate ?? 1) !== 1 || (layer.groups ?? 1) !== 1)
      return createFlexibleConvolution(shape, input);
    const sizes = { filters, kernelSize, padding, strides };
    return tf.layers.conv2d({ name, ...sizes, ...weightedSumOptions(layer), ...input });
  },
  plan: (shape, { following }) => planBlock(shape, following) ?? { layer: planConvolution(shape) },
  keras: [
    kerasClass({
      className: 'Conv2D',
      settings: (z) =>
        z.object({
          filters: size(z),
          kernel_size: square(z),
          strides: square(z),
          padding: z.enum(['same', 'valid']),
          dilation_rate: square(z).default([1, 1]),
          groups: z.literal(1).optional(),
          data_format: channelsLast(z),
          ...weightedSumSettings(z),
        }),
      read: ({ filters, kernel_size, strides, padding, dilation_rate, ...settings }) => {
        if (dilation_rate.some((rate) => rate !== 1)) return '(Conv2D) has a dilation rate other than 1';
        const [kernelSize = 0] = kernel_size;
        return (
          findOblong(kernel_size, strides) ?? {
            type: 'conv2d',
            filters,
            kernelSize,
            strides: strides[0] ?? 0,
            padding,
            ...readWeightedSum(settings),
          }
        );
      },
    }),
    kerasClass({
      className: flexibleClassName,
      isOwn: true,
      settings: (z) =>
        z.object({
          filters: size(z),
          kernel_size: size(z),
          strides: size(z),
          padding: z.union([z.enum(['same', 'valid']), z.number().int().nonnegative().max(100)]),
          dilation_rate: size(z),
          groups: size(z),
          ...weightedSumSettings(z),
        }),
      read: ({ kernel_size: kernelSize, dilation_rate: dilationRate, use_bias, activation, ...same }) => ({
        type: 'conv2d',
        kernelSize,
        dilationRate,
        ...same,
        ...readWeightedSum({ use_bias, activation }),
      }),
    }),
  ],
};

/** Pixels from the first to the last that a filter looks at, each way: its kernel size, and more with dilation. */
function reachOf({ kernelSize, dilationRate = 1 }: Conv2d): number {
  return (kernelSize - 1) * dilationRate + 1;
}

/** A convolution with the 2 x 2 max-pool behind it, and a ReLU between them, where the kernels know that; else nothing. */
function planBlock(
  { layer, inputShape }: LayerShapeOf<Conv2d>,
  following: readonly AnyLayer[],
): LayerPlan | undefined {
  const { filters, kernelSize, strides = 1, dilationRate = 1, groups = 1, useBias: bias = true } = layer;
  const [next, nextButOne] = following;
  const hasOwnLayer = layer.activation === undefined && isRelu(next);
  const activation = hasOwnLayer ? 'relu' : layer.activation;
  if (!isHalvingMaxPool(hasOwnLayer ? nextButOne : next)) return undefined;
  if (strides !== 1 || dilationRate !== 1 || groups !== 1) return undefined;
  if (activation !== undefined && activation !== 'relu') return undefined;
  const padding =
    layer.padding === 'same' ? (kernelSize - 1) / 2 : layer.padding === 'valid' ? 0 : layer.padding;
  if (!Number.isInteger(padding) || padding >= kernelSize) return undefined;
  const input = toImage(inputShape);
  // Filters that are larger than the image see little but zeros.
  if (kernelSize > Math.min(input[0], input[1])) return undefined;
  return {
    layer: { kind: 'block', input, kernelSize, padding, filters, activation: activation ?? 'none', bias },
    includes: hasOwnLayer ? 2 : 1,
  };
}

function planConvolution({ layer, inputShape, outputShape }: LayerShapeOf<Conv2d>): OpLayer {
  const { filters, kernelSize, padding, strides = 1, dilationRate = 1, groups = 1 } = layer;
  const input = toImage(inputShape);
  const [height, width] = toImage(outputShape);
  // TensorFlow puts the odd zero below and on the right.
  const before = (length: number, given: number) =>
    Math.floor(Math.max(0, (length - 1) * strides + reachOf(layer) - given) / 2);
  const same = [before(height, input[0]), before(width, input[1])] as const;
  const by = padding === 'valid' ? 0 : padding;
  return {
    kind: 'convolution',
    input,
    kernelSize,
    strides,
    dilationRate,
    groups,
    padding: by === 'same' ? same : [by, by],
    output: [height, width],
    filters,
    ...weightedSumPlan(layer),
  };
}
