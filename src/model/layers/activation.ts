import { tf } from '../../backend/tf.ts';
import { kerasClass } from './keras-settings.ts';
import type { LayerKind } from './layer-kind.ts';
import { toImage } from './layer-plan.ts';
import type { AnyLayer } from './layer-shape.ts';

/** The activation functions that layers may have. */
export const activations = ['relu', 'sigmoid', 'tanh'] as const;

export type Activation = (typeof activations)[number];

/** An activation as a layer of its own. */
export interface ActivationLayer {
  readonly type: 'activation';
  readonly activation: Activation;
}

/** Whether this layer is a ReLU and nothing else. */
export function isRelu(layer: AnyLayer | undefined): boolean {
  return layer?.type === 'activation' && (layer as ActivationLayer).activation === 'relu'; // what a layer of this type is
}

export const activation: LayerKind<ActivationLayer> = {
  type: 'activation',
  keys: (z) => ({ activation: z.enum(activations) }),
  describe: (layer) => layer.activation,

  outputShape: (_, inputShape) => inputShape,

  build: ({ name, layer }, input) => tf.layers.activation({ name, activation: layer.activation, ...input }),
  plan: ({ layer, inputShape }) => ({
    layer: { kind: 'activation', input: toImage(inputShape), activation: layer.activation },
  }),
  keras: [
    kerasClass({
      className: 'Activation',
      settings: (z) => z.object({ activation: z.enum(activations) }),
      read: (settings) => ({ type: 'activation', activation: settings.activation }),
    }),
    kerasClass({
      className: 'ReLU',
      settings: (z) => {
        const isZero = z.literal(0).nullish();
        return z.object({ max_value: z.null().optional(), negative_slope: isZero, threshold: isZero });
      },
      read: () => ({ type: 'activation', activation: 'relu' }),
    }),
  ],
};
