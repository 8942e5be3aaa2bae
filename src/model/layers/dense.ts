import { tf } from '../../backend/tf.ts';
import { kerasClass, size } from './keras-settings.ts';
import type { LayerKind } from './layer-kind.ts';
import { toImage } from './layer-plan.ts';
import {
  firstKernel,
  kernelAndBias,
  readWeightedSum,
  type WeightedSum,
  weightedSumKeys,
  weightedSumOptions,
  weightedSumPlan,
  weightedSumSettings,
} from './weighted-sum.ts';

/** Each output is a weighted sum of all inputs. */
export interface Dense extends WeightedSum {
  readonly type: 'dense';
  readonly units: number;
}

export const dense: LayerKind<Dense> = {
  type: 'dense',
  keys: (z) => ({ units: z.number().int().min(1).max(100_000), ...weightedSumKeys(z) }),
  describe: ({ units, activation }) => `dense ${units}${activation === undefined ? '' : `, ${activation}`}`,

  inputDimensions: 1,
  outputShape: ({ units }) => [units],
  weights: (layer, inputShape) => kernelAndBias([inputShape.at(-1) ?? 0, layer.units], layer),
  firstWeights: firstKernel,

  build: ({ name, layer }, input) =>
    tf.layers.dense({ name, units: layer.units, ...weightedSumOptions(layer), ...input }),
  plan: ({ layer, inputShape }) => ({
    layer: { kind: 'dense', input: toImage(inputShape), units: layer.units, ...weightedSumPlan(layer) },
  }),
  keras: [
    kerasClass({
      className: 'Dense',
      settings: (z) => z.object({ units: size(z), ...weightedSumSettings(z) }),
      read: ({ units, ...settings }) => ({ type: 'dense', units, ...readWeightedSum(settings) }),
    }),
  ],
};
