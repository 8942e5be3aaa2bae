import { type Architecture, type LayerDefinition, taskOf } from './architectures.ts';

/** A weight of a layer: its name in files, and its shape. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What of an architecture settles its shapes. */
export type NetworkLayers = Pick<Architecture, 'layers' | 'task'>;

/** A layer with the numbers that follow from what stands before it. */
export interface LayerShape {
  /** Unique in the network and the same in every process: `conv2d_1`. */
  readonly name: string;
  readonly layer: LayerDefinition;
  /** Without the batch: [H, W, C] or [units]. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** The kernel first, [height, width, in / groups, filters] or [in, units], then the bias. */
  readonly weights: readonly WeightShape[];
  readonly parameters: number;
  /** Multiplications, each with its addition, for one image; those with padding's zeros count, too. */
  readonly multiplyAdds: number;
}

/** Follows the shapes through a network, from its task's input on: [28, 28, 1] for one digit. */
export function followShapes(architecture: NetworkLayers): readonly LayerShape[] {
  const numbers = new Map<string, number>();
  let inputShape: readonly number[] = taskOf(architecture).inputShape;
  return architecture.layers.map((layer) => {
    const number = (numbers.get(layer.type) ?? 0) + 1;
    numbers.set(layer.type, number);
    const name = `${layer.type.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_${number}`;
    const weights = weightShapes(name, layer, inputShape);
    const parameters = weights.reduce((sum, { shape }) => sum + product(shape), 0);
    const output = outputShape(layer, inputShape);
    const multiplyAdds = countMultiplyAdds(output, weights);
    const shape = { name, layer, inputShape, outputShape: output, weights, parameters, multiplyAdds };
    inputShape = output;
    return shape;
  });
}

/** The number of weights of a network: 28,938 for `cnn`. */
export function countParameters(architecture: NetworkLayers): number {
  return followShapes(architecture).reduce((sum, { parameters }) => sum + parameters, 0);
}

/** The number of values in an array of this shape. */
export function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

/** Each output value is a sum over the weights of its filter or unit: all sizes of the kernel but the last. */
function countMultiplyAdds(output: readonly number[], [kernel]: readonly WeightShape[]): number {
  return kernel === undefined ? 0 : product(output) * product(kernel.shape.slice(0, -1));
}

function outputShape(layer: LayerDefinition, inputShape: readonly number[]): readonly number[] {
  const [height = 0, width = 0, channels = 0] = inputShape;
  switch (layer.type) {
    case 'conv2d': {
      const { padding, strides = 1 } = layer;
      const around = typeof padding === 'number' ? 2 * padding : 0;
      const lost = padding === 'same' ? 0 : reachOf(layer) - 1;
      const length = (size: number) => Math.ceil((size + around - lost) / strides);
      return [length(height), length(width), layer.filters];
    }
    case 'maxPooling2d':
    case 'averagePooling2d': {
      const strides = layer.strides ?? layer.poolSize;
      const pooled = (size: number) => Math.floor((size - layer.poolSize) / strides) + 1;
      return [pooled(height), pooled(width), channels];
    }
    case 'flatten':
      return [product(inputShape)];
    case 'dense':
      return [layer.units];
    case 'activation':
    case 'batchNormalization':
    case 'dropout':
      return inputShape;
  }
}

/** Pixels from the first to the last that a filter looks at, each way: its kernel size, and more with dilation. */
export function reachOf(layer: Extract<LayerDefinition, { type: 'conv2d' }>): number {
  return (layer.kernelSize - 1) * (layer.dilationRate ?? 1) + 1;
}

function weightShapes(
  name: string,
  layer: LayerDefinition,
  inputShape: readonly number[],
): readonly WeightShape[] {
  const inputs = inputShape.at(-1) ?? 0;
  if (layer.type === 'batchNormalization') {
    const ofEachChannel = (weight: string) => ({ name: `${name}/${weight}`, shape: [inputs] });
    return ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(ofEachChannel);
  }
  if (layer.type !== 'conv2d' && layer.type !== 'dense') return [];
  const kernel =
    layer.type === 'conv2d'
      ? [layer.kernelSize, layer.kernelSize, inputs / (layer.groups ?? 1), layer.filters]
      : [inputs, layer.units];
  const bias = { name: `${name}/bias`, shape: [kernel.at(-1) ?? 0] };
  return [{ name: `${name}/kernel`, shape: kernel }, ...(layer.useBias === false ? [] : [bias])];
}
