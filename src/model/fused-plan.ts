import type { OpPlan } from '../backend/ops.ts';
import { type Architecture, taskOf } from './architectures.ts';
import { isFlexible } from './flexible-convolution.ts';
import { followShapes, type LayerShape, product } from './shapes.ts';

/** A plan for our ops, or the reason why a network cannot have one. */
export type FusedPlan = { readonly plan: OpPlan } | { readonly reason: string };

const kinds = { conv: 0, dense: 1, dropout: 2 } as const;

/**
 * Plans a network for our ops: blocks of convolution (stride 1, ReLU or no activation) and 2 x 2 max-pool, then dense
 * layers (ReLU or no activation) and dropout, the last layer dense without activation. Any other network trains on
 * TensorFlow's own ops, and the reason names the first layer in the way.
 */
export function planFused(architecture: Architecture): FusedPlan {
  const shapes = followShapes(architecture);
  const rows: number[][] = [];
  const rates: number[] = [];
  const dropouts: number[] = [];
  let isFlat = false;
  for (let index = 0; index < shapes.length; index++) {
    const shape = shapes[index];
    const next = shapes[index + 1];
    const problem = shape && findProblem(shape, next, isFlat);
    if (shape === undefined || problem !== undefined) return { reason: `${shape?.name}: ${problem}` };
    const row = describeLayer(shape);
    if (shape.layer.type === 'conv2d') index++; // its pool is part of it
    if (shape.layer.type === 'flatten') isFlat = true;
    if (shape.layer.type === 'dropout') dropouts.push(index);
    if (row === undefined) continue;
    rows.push(row);
    rates.push(shape.layer.type === 'dropout' ? shape.layer.rate : 0);
  }
  const last = shapes.at(-1)?.layer;
  if (last?.type !== 'dense' || last.activation !== undefined)
    return { reason: 'the last layer is not a plain dense layer' };
  const { scale, offset } = architecture.pixels;
  const imageSizeBytes = product(taskOf(architecture).inputShape);
  return { plan: { imageSizeBytes, layers: rows, settings: [scale, offset, ...rates], dropouts } };
}

function findProblem(
  { layer, inputShape }: LayerShape,
  next: LayerShape | undefined,
  isFlat: boolean,
): string | undefined {
  switch (layer.type) {
    case 'conv2d':
      if (isFlat) return 'a convolution after flatten';
      if ((layer.strides ?? 1) !== 1) return `strides ${layer.strides}`;
      if (layer.dilationRate !== undefined && layer.dilationRate !== 1)
        return `dilation rate ${layer.dilationRate}`;
      if (layer.groups !== undefined && layer.groups !== 1) return `${layer.groups} groups`;
      if (isFlexible(layer)) return `padding by ${layer.padding}`;
      if (layer.padding === 'same' && layer.kernelSize % 2 === 0) return 'an even kernel with padding "same"';
      if (layer.activation !== undefined && layer.activation !== 'relu')
        return `activation ${layer.activation}`;
      return next?.layer.type === 'maxPooling2d' &&
        next.layer.poolSize === 2 &&
        (next.layer.strides ?? 2) === 2
        ? undefined
        : 'no 2 x 2 max-pool follows';
    case 'dense':
      if (inputShape.length > 1) return 'not after flatten';
      return layer.activation === undefined || layer.activation === 'relu'
        ? undefined
        : `activation ${layer.activation}`;
    case 'dropout':
      return isFlat ? undefined : 'dropout before flatten';
    case 'flatten':
      return undefined;
    case 'activation':
      return `a separate activation layer (${layer.activation})`;
    case 'batchNormalization':
      return 'batch normalization';
    case 'maxPooling2d':
    case 'averagePooling2d':
      return 'a pool that does not follow a convolution';
  }
}

/** Eight numbers, as `parse_plan` in native/ops.cc reads them; nothing for a layer that needs no work. */
function describeLayer({ layer, inputShape }: LayerShape): number[] | undefined {
  if (layer.type === 'conv2d') {
    const [height = 0, width = 0, channels = 0] = inputShape;
    const pad = layer.padding === 'same' ? (layer.kernelSize - 1) / 2 : 0;
    return [kinds.conv, height, width, channels, layer.kernelSize, pad, layer.filters, flagsOf(layer)];
  }
  if (layer.type === 'dense')
    return [kinds.dense, inputShape[0] ?? 0, layer.units, 0, 0, 0, 0, flagsOf(layer)];
  if (layer.type === 'dropout') return [kinds.dropout, inputShape[0] ?? 0, 0, 0, 0, 0, 0, 0];
  return undefined;
}

function flagsOf({
  activation,
  useBias,
}: {
  readonly activation?: string;
  readonly useBias?: boolean;
}): number {
  return (activation === 'relu' ? 1 : 0) + (useBias === false ? 0 : 2);
}
