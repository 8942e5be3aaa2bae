import type { Tensor } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import type { Architecture } from '../model/architectures.ts';
import { imagesToTensor } from '../model/forward.ts';
import { product } from '../model/layers/layer-shape.ts';
import type { Model } from '../model/model.ts';
import { followShapes } from '../model/shapes.ts';

/** What the last layer of a network is given for some images, and what it makes of it. */
export interface LastFeatures {
  /** [count, width], row by row: 1,568 numbers an image for `cnn`. */
  readonly features: Float32Array;
  /** [count, classes] */
  readonly logits: Float32Array;
}

const imagesAtOnce = 100;

/**
 * Runs images, bytes [count, 28, 28], through a network, dropout off, and keeps what its last dense layer sees. Lets
 * signals through now and then.
 */
export async function readLastFeatures(model: Model, images: Uint8Array): Promise<LastFeatures> {
  const imageSize = product(followShapes(model.architecture)[0]?.inputShape ?? []);
  const parts: LastFeatures[] = [];
  for (let start = 0; start < images.length; start += imagesAtOnce * imageSize) {
    parts.push(runChunk(model, images.subarray(start, start + imagesAtOnce * imageSize)));
    await new Promise(setImmediate);
  }
  return {
    features: join(parts.map(({ features }) => features)),
    logits: join(parts.map(({ logits }) => logits)),
  };
}

/** Numbers an image that the last dense layer sees. */
export function countLastFeatures(architecture: Architecture): number {
  return product(followShapes(architecture)[lastLayerOf(architecture)]?.inputShape ?? []);
}

function runChunk(model: Model, images: Uint8Array): LastFeatures {
  const last = lastLayerOf(model.architecture);
  return tf.tidy(() => {
    let values: Tensor = imagesToTensor(model, images);
    let features = values;
    model.network.layers.forEach((layer, index) => {
      if (index === last) features = values;
      values = layer.apply(values) as Tensor; // one tensor in, one out: no layer here has several
    });
    return { features: features.dataSync<'float32'>(), logits: values.dataSync<'float32'>() };
  });
}

/** The last dense layer, whose kernel is [inputs, units], or the last layer at all where none is dense. */
function lastLayerOf(architecture: Architecture): number {
  const shapes = followShapes(architecture);
  const dense = shapes.findLastIndex(({ weights: [kernel] }) => kernel?.shape.length === 2);
  return dense === -1 ? shapes.length - 1 : dense;
}

function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    joined.set(part, start);
    start += part.length;
  }
  return joined;
}
