import { type Architecture, taskOf } from './architectures.ts';
import { kindOf, type LayerDefinition } from './layers/layer-kinds.ts';
import { type LayerShapeOf, product, type Shape, type WeightShape } from './layers/layer-shape.ts';

/** What of an architecture settles its shapes. */
export type NetworkLayers = Pick<Architecture, 'layers' | 'task'>;

/** A layer with the numbers that follow from what stands before it. */
export type LayerShape = LayerShapeOf<LayerDefinition>;

/** Follows the shapes through a network, from its task's input on: [28, 28, 1] for one digit. */
export function followShapes(architecture: NetworkLayers): readonly LayerShape[] {
  const numbers = new Map<string, number>();
  let inputShape: Shape = taskOf(architecture).inputShape;
  return architecture.layers.map((layer) => {
    const number = (numbers.get(layer.type) ?? 0) + 1;
    numbers.set(layer.type, number);
    const name = `${layer.type.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_${number}`;
    const kind = kindOf(layer);
    const weights = Object.entries(kind.weights?.(layer, inputShape) ?? {}).map(([weight, shape]) => ({
      name: `${name}/${weight}`,
      shape,
    }));
    const parameters = weights.reduce((sum, { shape }) => sum + product(shape), 0);
    const outputShape = kind.outputShape(layer, inputShape);
    const multiplyAdds = countMultiplyAdds(outputShape, weights);
    const shape = { name, layer, inputShape, outputShape, weights, parameters, multiplyAdds };
    inputShape = outputShape;
    return shape;
  });
}

/** Whether a layer slides filters over an image: its kernel is [height, width, channels, filters]. */
export function hasFilters({ weights: [kernel] }: LayerShape): boolean {
  return kernel?.shape.length === 4;
}

/** The number of weights of a network: 28,938 for `cnn`. */
export function countParameters(architecture: NetworkLayers): number {
  return followShapes(architecture).reduce((sum, { parameters }) => sum + parameters, 0);
}

/** Each output value is a sum over the weights of its filter or unit: all sizes of the kernel but the last. */
function countMultiplyAdds(output: Shape, [kernel]: readonly WeightShape[]): number {
  return kernel === undefined ? 0 : product(output) * product(kernel.shape.slice(0, -1));
}
