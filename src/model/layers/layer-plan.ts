import type { OpLayer } from '../../backend/ops.ts';
import type { Shape } from './layer-shape.ts';

/** What our own ops make of a layer. */
export interface LayerPlan {
  /** Nothing where there is no work to do. */
  readonly layer?: OpLayer;
  /** How many of the layers behind it are done along with it; none if left out. */
  readonly includes?: number;
}

/** An image as our ops see it: after a flatten all values are channels. */
export function toImage(shape: Shape): readonly [height: number, width: number, channels: number] {
  const [height = 1, width = 1, channels = 1] = shape.length === 1 ? [1, 1, ...shape] : shape;
  return [height, width, channels];
}
