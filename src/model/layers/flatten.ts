import { tf } from '../../backend/tf.ts';
import { channelsLast, kerasClass } from './keras-settings.ts';
import type { LayerKind } from './layer-kind.ts';
import { product } from './layer-shape.ts';

/** Puts the values of an image one after the other, as dense layers take them. */
export interface Flatten {
  readonly type: 'flatten';
}

export const flatten: LayerKind<Flatten> = {
  type: 'flatten',
  keys: () => ({}),
  describe: () => 'flatten',

  outputShape: (_, inputShape) => [product(inputShape)],

  build: ({ name }, input) => tf.layers.flatten({ name, ...input }),
  // The values lie in memory in the right order already.
  plan: () => ({}),
  keras: [
    kerasClass({
      className: 'Flatten',
      settings: (z) => z.object({ data_format: channelsLast(z) }),
      read: () => ({ type: 'flatten' }),
    }),
  ],
};
