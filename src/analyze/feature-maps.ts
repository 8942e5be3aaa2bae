import type { Tensor } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { imagesToTensor } from '../model/forward.ts';
import type { Model } from '../model/model.ts';
import { followShapes } from '../model/shapes.ts';

/** What one layer makes of one image, its activation included. */
export interface LayerFeatures {
  /** The layer's name: `conv2d_1`. */
  readonly name: string;
  /** [H, W, C], or [units] behind flatten. */
  readonly shape: readonly number[];
  /** As many values as the shape says, the last axis the fastest. */
  readonly values: Float32Array;
}

/**
 * What each layer of a network makes of one image, bytes [28, 28] or as many as the network takes, in the order of the
 * layers: the forward pass of prediction, so that the last entry holds the logits.
 */
export function retrieveFeatures(model: Model, image: Uint8Array): readonly LayerFeatures[] {
  const shapes = followShapes(model.architecture);
  return tf.tidy(() => {
    let values: Tensor = imagesToTensor(model, image);
    return model.network.layers.map((layer, index) => {
      values = layer.apply(values) as Tensor; // one tensor in, one out: no layer here has several
      const name = shapes[index]?.name ?? layer.name;
      return { name, shape: values.shape.slice(1), values: Float32Array.from(values.dataSync()) };
    });
  });
}

/** The maps of a layer [H, W, C], one for each channel: [H, W] row by row. */
export function splitMaps({ shape, values }: LayerFeatures): readonly Float32Array[] {
  const channelCount = shape.at(-1) ?? 0;
  return Array.from({ length: channelCount }, (_, channel) =>
    Float32Array.from(
      { length: values.length / channelCount },
      (_value, at) => values[at * channelCount + channel] ?? 0,
    ),
  );
}
