import type { layers, Tensor, Tensor4D } from '@tensorflow/tfjs-node';
import { tf } from '../../backend/tf.ts';
import type { AnyLayer, LayerShapeOf } from './layer-shape.ts';
import type { WeightedSum } from './weighted-sum.ts';

/** The name that `model.json` gives to such a layer. Stock tfjs does not know it. */
export const flexibleClassName = 'FlexibleConv2D';

/**
 * A convolution with dilation, groups or padding by a number, made of operations that have gradients: [B, H, W, C] ->
 * [B, H', W', filters].
 *
 * A filter with dilation is the same filter with zeros stuffed between its weights; groups are convolutions side by side, over
 * a part of the channels each.
 */
export function createFlexibleConvolution(
  { name, layer, outputShape, weights }: LayerShapeOf<Convolution>,
  input: { readonly inputShape?: number[] },
): layers.Layer {
  const { kernelSize, padding, strides = 1, dilationRate = 1, groups = 1, useBias = true } = layer;
  const { activation } = layer;

  class FlexibleConv2D extends tf.layers.Layer {
    static readonly className = flexibleClassName;
    private variables: ReturnType<layers.Layer['addWeight']>[] = [];

    override build(): void {
      const zeros = tf.initializers.zeros();
      this.variables = weights.map(({ name: full, shape }) =>
        this.addWeight(full.slice(full.lastIndexOf('/') + 1), [...shape], 'float32', zeros),
      );
      this.built = true;
    }

    override computeOutputShape(): (number | null)[] {
      return [null, ...outputShape];
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        // tfjs hands over one input as it is or as a list of one.
        const images = padImages((Array.isArray(inputs) ? inputs[0] : inputs) as Tensor4D, padding);
        const [kernel, bias] = this.variables.map((variable) => variable.read());
        const filters = stuffZeros(kernel as Tensor4D, dilationRate);
        const convolve = (channels: Tensor4D, own: Tensor4D) =>
          tf.conv2d(channels, own, strides, padding === 'same' ? 'same' : 'valid');
        const sums =
          groups === 1 ? convolve(images, filters) : convolveGroups(images, filters, { groups, convolve });
        const biased = bias === undefined ? sums : sums.add(bias);
        return activation === undefined ? biased : tf[activation](biased);
      });
    }

    override getConfig() {
      const own = { filters: layer.filters, kernelSize, strides, padding, dilationRate, groups, useBias };
      return { ...super.getConfig(), ...own, activation: activation ?? 'linear' };
    }
  }
  return new FlexibleConv2D({ name, ...input });
}

/** Filters that look at each square of an image. */
export interface Convolution extends AnyLayer, WeightedSum {
  readonly filters: number;
  readonly kernelSize: number;
  /** So many zeros on each side; `same` as many as keep the size at stride 1, `valid` none. */
  readonly padding: 'same' | 'valid' | number;
  readonly strides?: number;
  /** Steps between the pixels that a filter looks at: 1 if left out. */
  readonly dilationRate?: number;
  /** Equal parts of channels and filters that know nothing of one another: 1 if left out. */
  readonly groups?: number;
}

/** Each group of filters sees its own part of the channels. tfjs' split into one part has no gradient. */
function convolveGroups(
  images: Tensor4D,
  filters: Tensor4D,
  how: { readonly groups: number; readonly convolve: (channels: Tensor4D, own: Tensor4D) => Tensor4D },
): Tensor4D {
  const [channels, own] = [tf.split(images, how.groups, 3), tf.split(filters, how.groups, 3)];
  return tf.concat(
    channels.map((part, group) => how.convolve(part as Tensor4D, own[group] as Tensor4D)),
    3,
  );
}

function padImages(images: Tensor4D, padding: Convolution['padding']): Tensor4D {
  if (typeof padding !== 'number' || padding === 0) return images;
  return tf.pad4d(images, [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ]);
}

/** [k, k, in, filters] -> [(k - 1) rate + 1, the same, in, filters], zeros between the weights. */
function stuffZeros(kernel: Tensor4D, rate: number): Tensor4D {
  if (rate === 1) return kernel;
  const [size, , inputs, filters] = kernel.shape;
  const reach = (size - 1) * rate + 1;
  const rows = tf
    .pad3d(kernel.reshape([size, 1, size * inputs * filters]), [
      [0, 0],
      [0, rate - 1],
      [0, 0],
    ])
    .reshape([size * rate, size, inputs * filters])
    .slice(0, reach);
  return tf
    .pad4d(rows.reshape([reach, size, 1, inputs * filters]), [
      [0, 0],
      [0, 0],
      [0, rate - 1],
      [0, 0],
    ])
    .reshape([reach, size * rate, inputs * filters])
    .slice([0, 0, 0], [reach, reach, inputs * filters])
    .reshape([reach, reach, inputs, filters]);
}
