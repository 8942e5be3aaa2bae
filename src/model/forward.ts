import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import { random } from '../core/random.ts';
import type { Model } from './layers.ts';

/** The step whose dropout masks are drawn: the same step of the same run drops the same units. */
export interface DropoutPosition {
  readonly seed: number;
  readonly step: number;
}

const pixelCount = 28 * 28;
const chunkSize = 250;

/**
 * Runs images through a network in training: [B, 28, 28, 1] -> logits [B, 10]. Called inside `tf.tidy`.
 *
 * Dropout's masks are ours, since tfjs draws the same mask at each step where it is given a seed.
 */
export function forward(model: Model, images: Tensor4D, dropout: DropoutPosition): Tensor2D {
  let values: Tensor = images;
  model.network.layers.forEach((layer, index) => {
    const definition = model.architecture.layers[index];
    values =
      definition?.type === 'dropout'
        ? values.mul(dropoutMask(values.shape, definition.rate, [dropout.seed, dropout.step, index]))
        : (layer.apply(values) as Tensor); // one tensor in, one out: no layer here has several
  });
  return values as Tensor2D;
}

/** Bytes as a network wants them, `byte * scale + offset`: [count, 28, 28, 1]. Called inside `tf.tidy`. */
export function imagesToTensor(model: Model, images: Uint8Array): Tensor4D {
  const { scale, offset } = model.architecture.pixels;
  const values = new Float32Array(images.length);
  // A plain loop: Float32Array.from with a function takes 50 times as long.
  for (let index = 0; index < values.length; index++) values[index] = (images[index] ?? 0) * scale + offset;
  return tf.tensor4d(values, [images.length / pixelCount, 28, 28, 1]);
}

/**
 * The logits of images, bytes [count, 28, 28] -> [count, 10], row by row, dropout off. Works in chunks and lets signals
 * and progress through between them.
 */
export async function predictLogits(model: Model, images: Uint8Array): Promise<Float32Array> {
  const count = images.length / pixelCount;
  const logits = new Float32Array(count * 10);
  for (let start = 0; start < count; start += chunkSize) {
    const chunk = images.subarray(start * pixelCount, Math.min(start + chunkSize, count) * pixelCount);
    const answers = tf.tidy(() => model.network.predict(imagesToTensor(model, chunk)) as Tensor);
    logits.set(answers.dataSync(), start * 10);
    answers.dispose();
    await new Promise(setImmediate);
  }
  return logits;
}

/** 1 / (1 - rate) where a value stays, 0 where it is dropped, so that the expected sum stays the same. */
function dropoutMask(
  shape: readonly number[],
  rate: number,
  [seed, step, layer]: readonly [number, number, number],
): Tensor {
  const numbers = random(seed, 'dropout', layer, step);
  const kept = 1 / (1 - rate);
  const mask = Float32Array.from({ length: shape.reduce((total, size) => total * size, 1) }, () =>
    numbers.uniform() < rate ? 0 : kept,
  );
  return tf.tensor(mask, [...shape]);
}
