import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { createOpData, type OpPlan, packBytes, runPredictOp } from '../backend/ops.ts';
import { tf } from '../backend/tf.ts';
import { taskOf } from './architectures.ts';
import { kindOf } from './layers/layer-kinds.ts';
import type { Model } from './model.ts';
import { followShapes } from './shapes.ts';
import { flattenVariables } from './weights.ts';

/** The step whose dropout masks are drawn: the same step of the same run drops the same units. */
export interface DropoutPosition {
  readonly seed: number;
  readonly step: number;
}

/** Images of a fused model's first chunk; those after it take about as long as `wantedMs`. */
const firstChunk = 250;
const mostImages = 5000;
const wantedMs = 25;
const chunkSizes = new WeakMap<Model, number>();
/**
 * Multiply-adds of a chunk on TensorFlow's own ops, about 25 ms. Their last bits depend on the size of a chunk, so that it must not
 * depend on the clock: a run that is resumed has to come to the same scores.
 */
const stockMultiplyAdds = 1e9;

/**
 * Runs images through a network in training: [B, 28, 28, 1] -> logits [B, 10], two digits [B, 28, 56, 1] -> [B, 19]. Called inside `tf.tidy`.
 */
export function forward(model: Model, images: Tensor4D, position: DropoutPosition): Tensor2D {
  let values: Tensor = images;
  model.network.layers.forEach((built, index) => {
    const layer = model.architecture.layers[index];
    values =
      (layer && kindOf(layer).train?.(built, values, { layer, index, ...position })) ??
      (built.apply(values) as Tensor); // one tensor in, one out: no layer here has several
  });
  return values as Tensor2D;
}

/** Bytes as a network wants them, `byte * scale + offset`: [count, 28, 28, 1] or two digits wide. Called inside `tf.tidy`. */
export function imagesToTensor(model: Model, images: Uint8Array): Tensor4D {
  const { scale, offset } = model.architecture.pixels;
  const values = new Float32Array(images.length);
  // A plain loop: Float32Array.from with a function takes 50 times as long.
  for (let index = 0; index < values.length; index++) values[index] = (images[index] ?? 0) * scale + offset;
  const [height, width, channels] = inputShapeOf(model);
  return tf.tensor4d(values, [images.length / (height * width), height, width, channels]);
}

/**
 * The logits of images, bytes [count, 28, 28] -> [count, 10], two digits [count, 28, 56] -> [count, 19], row by row, dropout off. Works in chunks and lets signals
 * and progress through between them.
 */
export async function predictLogits(model: Model, images: Uint8Array): Promise<Float32Array> {
  const [height, width] = inputShapeOf(model);
  const pixelCount = height * width;
  const { classes } = taskOf(model.architecture);
  const count = images.length / pixelCount;
  const logits = new Float32Array(count * classes);
  const predictor = model.fused === undefined ? createStock(model) : createFused(model, model.fused);
  const fixedSize = model.fused === undefined ? chooseStockChunk(model) : undefined;
  let chunkSize = fixedSize ?? chunkSizes.get(model) ?? firstChunk;
  try {
    for (let start = 0; start < count; ) {
      const end = Math.min(start + chunkSize, count);
      const chunk = images.subarray(start * pixelCount, end * pixelCount);
      const startMs = performance.now();
      const answers = tf.tidy(() => predictor.run(chunk));
      logits.set(answers.dataSync(), start * classes);
      answers.dispose();
      const imageMs = (performance.now() - startMs) / (end - start);
      start = end;
      if (fixedSize === undefined) {
        chunkSize = Math.max(1, Math.min(mostImages, Math.floor(wantedMs / imageMs)));
        chunkSizes.set(model, chunkSize);
      }
      await new Promise(setImmediate);
    }
  } finally {
    predictor.dispose();
  }
  return logits;
}

function chooseStockChunk({ architecture }: Model): number {
  const ofImage = followShapes(architecture).reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
  return Math.max(1, Math.min(mostImages, Math.floor(stockMultiplyAdds / Math.max(1, ofImage))));
}

function inputShapeOf({ architecture }: Model): readonly [height: number, width: number, channels: number] {
  return taskOf(architecture).inputShape;
}

/** Gives the logits of a chunk of images. */
interface Predictor {
  readonly run: (images: Uint8Array) => Tensor;
  readonly dispose: () => void;
}

function createStock(model: Model): Predictor {
  return {
    run: (images) => model.network.predict(imagesToTensor(model, images)) as Tensor,
    dispose: () => {},
  };
}

/** All images of a chunk in one call of our op. */
function createFused(model: Model, plan: OpPlan): Predictor {
  const data = createOpData(plan);
  const weights = flattenVariables(model);
  return {
    run: (images) => runPredictOp(data, packBytes(images), weights),
    dispose: () => tf.dispose([data.plan, data.settings, weights]),
  };
}
