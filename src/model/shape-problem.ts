import { taskOf } from './architectures.ts';
import { followShapes, type LayerShape, type NetworkLayers, product, reachOf } from './shapes.ts';

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
  const given = formatShape(inputShape);
  const isFlat = layer.type === 'dense';
  const isMap = layer.type === 'conv2d' || 'poolSize' in layer;
  if (isFlat && inputShape.length !== 1) return `gets ${given}, expected 1 dimension: put flatten before it`;
  if (isMap && inputShape.length !== 3) return `gets ${given}, expected 3 dimensions`;
  const channels = inputShape.at(-1) ?? 0;
  if (layer.type === 'conv2d') {
    const { groups = 1, filters } = layer;
    if (channels % groups !== 0)
      return `has ${groups} groups, which do not divide its ${channels} input channels`;
    if (filters % groups !== 0) return `has ${groups} groups, which do not divide its ${filters} filters`;
  }
  if (outputShape.some((length) => length < 1)) {
    const taken = layer.type === 'conv2d' ? reachOf(layer) : 'poolSize' in layer ? layer.poolSize : 0;
    return `gets ${given}, less than the ${taken} x ${taken} of its window`;
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
