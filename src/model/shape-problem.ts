import { taskOf } from './architectures.ts';
import { kindOf } from './layers/layer-kinds.ts';
import { product } from './layers/layer-shape.ts';
import { followShapes, type LayerShape, type NetworkLayers } from './shapes.ts';

/** More values for one image would be no network for digits, but a trap for the memory. */
const maxValues = 2 ** 20;
const maxParameters = 2 ** 26;

/** The first thing that does not fit in a network, in words: "layer 2 (conv2d_2) gets ...", or `undefined`. */
export function findShapeProblem(network: NetworkLayers): string | undefined {
  const shapes = followShapes(network);
  for (const [index, shape] of shapes.entries()) {
    const problem = findLayerProblem(shape);
    if (problem !== undefined) return `layer ${index + 1} (${shape.name}) ${problem}`;
  }
  const { classes } = taskOf(network);
  const output = shapes.at(-1)?.outputShape ?? [];
  if (output.join() !== String(classes)) {
    return `the network's output is ${formatShape(output)}, expected ${classes}`;
  }
  return undefined;
}

function findLayerProblem({ layer, inputShape, outputShape, parameters }: LayerShape): string | undefined {
  const kind = kindOf(layer);
  const given = formatShape(inputShape);
  const dimensions = kind.inputDimensions ?? inputShape.length;
  if (inputShape.length !== dimensions) {
    const expected = dimensions === 1 ? '1 dimension: put flatten before it' : `${dimensions} dimensions`;
    return `gets ${given}, expected ${expected}`;
  }
  const problem = kind.findProblem?.(layer, inputShape);
  if (problem !== undefined) return problem;
  if (outputShape.some((length) => length < 1)) {
    const reach = kind.reach?.(layer) ?? 0;
    return `gets ${given}, less than the ${reach} x ${reach} of its window`;
  }
  if (product(outputShape) > maxValues) {
    return `gives ${product(outputShape)} values, the limit is ${maxValues}`;
  }
  if (parameters > maxParameters) return `has ${parameters} parameters, the limit is ${maxParameters}`;
  return undefined;
}

function formatShape(shape: readonly number[]): string {
  return shape.join(' x ') || 'empty';
}
