import type { OpPlan } from '../backend/ops.ts';
import { type Architecture, taskOf } from './architectures.ts';
import { kindOf } from './layers/layer-kinds.ts';
import { product } from './layers/layer-shape.ts';
import type { PlanRow } from './layers/plan-row.ts';
import { followShapes } from './shapes.ts';

/** A plan for our ops, or the reason why a network cannot have one. */
export type FusedPlan = { readonly plan: OpPlan } | { readonly reason: string };

/**
 * Plans a network for our ops: blocks of convolution (stride 1, ReLU or no activation) and 2 x 2 max-pool, then dense
 * layers (ReLU or no activation) and dropout, the last layer dense without activation. Any other network trains on
 * TensorFlow's own ops, and the reason names the first layer in the way.
 */
export function planFused(architecture: Architecture): FusedPlan {
  const shapes = followShapes(architecture);
  const rows: PlanRow[] = [];
  const dropouts: number[] = [];
  let givesLogits = false;
  for (let index = 0; index < shapes.length; index++) {
    const [shape, next] = shapes.slice(index);
    if (shape === undefined) break;
    const planned = kindOf(shape.layer).plan(shape, next);
    if ('reason' in planned) return { reason: `${shape.name}: ${planned.reason}` };
    if (planned.row !== undefined) rows.push(planned.row);
    if (planned.row?.rate !== undefined) dropouts.push(index);
    if (planned.includesNext === true) index++;
    givesLogits = planned.givesLogits === true;
  }
  if (!givesLogits) return { reason: 'the last layer is not a plain dense layer' };
  const { scale, offset } = architecture.pixels;
  return {
    plan: {
      imageSizeBytes: product(taskOf(architecture).inputShape),
      layers: rows.map(({ numbers }) => numbers),
      settings: [scale, offset, ...rows.map(({ rate = 0 }) => rate)],
      dropouts,
    },
  };
}
