import type { Architecture } from '../model/architectures.ts';
import { followShapes } from '../model/shapes.ts';

/** The flags of `inspect` for a look into this network: at the maps of a test image where it has maps, else at its filters or layers. */
export function chooseNextView(
  architecture: Architecture,
  index: number,
): Readonly<Record<string, number | true>> {
  const shapes = followShapes(architecture);
  const readsDigit = shapes[0]?.inputShape.join() === '28,28,1';
  if (readsDigit && shapes.some(({ outputShape }) => outputShape.length === 3)) return { maps: true, index };
  return shapes.some(({ layer }) => layer.type === 'conv2d') ? { filters: true } : {};
}
