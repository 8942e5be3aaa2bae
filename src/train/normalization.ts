import type { Tensor } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { type Examples, takeRange } from '../data/split.ts';
import { imagesToTensor } from '../model/forward.ts';
import { product } from '../model/layers/layer-shape.ts';
import type { Model } from '../model/model.ts';
import { followShapes } from '../model/shapes.ts';

/** Images that means are taken over, at most, and numbers that all they become in one layer may be. */
const mostImages = 2000;
const mostNumbers = 5e7;

/** Whether a network has running means and variances. */
export function isNormalized({ architecture }: Model): boolean {
  return architecture.layers.some(({ type }) => type === 'batchNormalization');
}

/**
 * Measures the running means and variances of batch normalization anew, layer by layer, over the first 2,000 of some examples:
 * those that were collected in training belong to other weights (Izmailov et al., "Averaging weights leads to wider optima
 * and better generalization", 2018).
 */
export function measureNormalization(model: Model, examples: Examples): void {
  const shapes = followShapes(model.architecture);
  const largest = Math.max(...shapes.map(({ outputShape }) => product(outputShape)));
  const count = Math.max(1, Math.min(mostImages, Math.floor(mostNumbers / largest)));
  tf.tidy(() => {
    let values: Tensor = imagesToTensor(model, takeRange(examples, 0, count).images);
    model.network.layers.forEach((layer, index) => {
      if (shapes[index]?.layer.type === 'batchNormalization') {
        const axes = values.shape.map((_, axis) => axis).slice(0, -1);
        const { mean, variance } = tf.moments(values, axes);
        const [gamma, beta] = layer.getWeights();
        layer.setWeights([gamma, beta, mean, variance] as Tensor[]); // in the order of its kind's weights
      }
      values = layer.apply(values) as Tensor; // one tensor in, one out: no layer here has several
    });
  });
}
