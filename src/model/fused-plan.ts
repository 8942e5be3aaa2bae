import type { OpLayer, OpPlan } from '../backend/ops.ts';
import { type Architecture, taskOf } from './architectures.ts';
import { kindOf } from './layers/layer-kinds.ts';
import { product } from './layers/layer-shape.ts';
import { followShapes } from './shapes.ts';

/** Plans a network for our ops. A convolution with ReLU and a 2 x 2 max-pool becomes one layer, and an activation part of the layer before it. */
export function planFused(architecture: Architecture): OpPlan {
  const shapes = followShapes(architecture);
  const layers: OpLayer[] = [];
  for (let position = 0; position < shapes.length; position++) {
    const shape = shapes[position];
    if (shape === undefined) break;
    const following = shapes.slice(position + 1).map(({ layer }) => layer);
    const { layer, includes = 0 } = kindOf(shape.layer).plan(shape, { position, following });
    const last = layers.at(-1);
    const joined =
      layer?.kind === 'activation' && last !== undefined ? joinActivation(last, layer) : undefined;
    if (joined !== undefined) layers.splice(-1, 1, joined);
    else if (layer?.kind === 'pool' && last !== undefined) layers.splice(-1, 1, ...swapRelu(last, layer));
    else if (layer !== undefined) layers.push(layer);
    position += includes;
  }
  return {
    imageSizeBytes: product(taskOf(architecture).inputShape),
    pixels: architecture.pixels,
    layers,
  };
}

/** A layer and the pool that follows it: ReLU behind a max-pool gives the same as before it, and has less to do. */
function swapRelu(layer: OpLayer, pool: OpLayer): readonly OpLayer[] {
  const isMax = pool.kind === 'pool' && !pool.isMean;
  const isSwapped = isMax && layer.activation === 'relu' && layer.kind !== 'activation';
  return isSwapped
    ? [
        { ...layer, activation: 'none' },
        { ...pool, activation: 'relu' },
      ]
    : [layer, pool];
}

/** The layer with the activation that follows it, if it has none yet and can have that one. */
function joinActivation(layer: OpLayer, { activation = 'none' }: OpLayer): OpLayer | undefined {
  if ((layer.activation ?? 'none') !== 'none') return undefined;
  // ReLU before a max-pool is the same as behind it.
  return layer.kind === 'block' && activation !== 'relu' ? undefined : { ...layer, activation };
}
