import type { Architecture, LayerDefinition } from './architectures.ts';

/** A weight of a layer: its name in files, and its shape. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A layer with the numbers that follow from what stands before it. */
export interface LayerShape {
  /** Unique in the network and the same in every process: `conv2d_1`. */
  readonly name: string;
  readonly layer: LayerDefinition;
  /** Without the batch: [H, W, C] or [units]. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** The kernel first, [height, width, in, filters] or [in, units], then the bias. */
  readonly weights: readonly WeightShape[];
  readonly parameters: number;
  /** Multiplications, each with its addition, for one image; those with padding's zeros count, too. */
  readonly multiplyAdds: number;
}

/** Follows the shapes through a network, from [28, 28, 1] on. */
export function followShapes(architecture: Pick<Architecture, 'layers'>): readonly LayerShape[] {
  const numbers = new Map<string, number>();
  let inputShape: readonly number[] = [28, 28, 1];
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

/** The number of trainable numbers in a network: 28,938 for `cnn`. */
export function countParameters(architecture: Pick<Architecture, 'layers'>): number {
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
      const lost = layer.padding === 'same' ? 0 : layer.kernelSize - 1;
      const strides = layer.strides ?? 1;
      return [Math.ceil((height - lost) / strides), Math.ceil((width - lost) / strides), layer.filters];
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
    case 'dropout':
      return inputShape;
  }
}

function weightShapes(
  name: string,
  layer: LayerDefinition,
  inputShape: readonly number[],
): readonly WeightShape[] {
  if (layer.type !== 'conv2d' && layer.type !== 'dense') return [];
  const inputs = inputShape.at(-1) ?? 0;
  const kernel =
    layer.type === 'conv2d'
      ? [layer.kernelSize, layer.kernelSize, inputs, layer.filters]
      : [inputs, layer.units];
  const bias = { name: `${name}/bias`, shape: [kernel.at(-1) ?? 0] };
  return [{ name: `${name}/kernel`, shape: kernel }, ...(layer.useBias === false ? [] : [bias])];
}
