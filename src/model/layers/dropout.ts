import type { Tensor } from '@tensorflow/tfjs-node';
import { tf } from '../../backend/tf.ts';
import { counterKey, counterRandom } from '../../core/counter.ts';
import { kerasClass } from './keras-settings.ts';
import type { LayerKind } from './layer-kind.ts';
import { toImage } from './layer-plan.ts';
import { product, type Shape } from './layer-shape.ts';

/** Drops each value with the probability `rate` in training, and nothing in prediction. */
export interface Dropout {
  readonly type: 'dropout';
  readonly rate: number;
}

export const dropout: LayerKind<Dropout> = {
  type: 'dropout',
  keys: (z) => ({ rate: z.number().min(0).max(0.99) }),
  describe: ({ rate }) => `dropout ${rate}`,

  outputShape: (_, inputShape) => inputShape,

  build: ({ name, layer }, input) => tf.layers.dropout({ name, rate: layer.rate, ...input }),
  // The masks are ours, since tfjs draws the same mask at each step where it is given a seed.
  train: (_, values, { layer, seed, index, step }) =>
    values.mul(createMask(values.shape, layer.rate, counterKey(seed, 'dropout', index, step))),
  plan: ({ layer: { rate }, inputShape }, { position }) => ({
    layer: { kind: 'dropout', input: toImage(inputShape), rate, position },
  }),
  keras: [
    kerasClass({
      className: 'Dropout',
      settings: (z) => z.object({ rate: z.number().min(0).lt(1) }),
      read: ({ rate }) => ({ type: 'dropout', rate }),
    }),
  ],
};

/** 1 / (1 - rate) where a value stays, 0 where it is dropped, so that the expected sum stays the same. */
function createMask(shape: Shape, rate: number, key: number): Tensor {
  const kept = 1 / (1 - rate);
  const threshold = Math.floor(rate * 0x1_0000_0000);
  const mask = new Float32Array(product(shape));
  for (let index = 0; index < mask.length; index++)
    mask[index] = counterRandom(key, index) < threshold ? 0 : kept;
  return tf.tensor(mask, [...shape]);
}
