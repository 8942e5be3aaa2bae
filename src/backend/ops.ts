import os from 'node:os';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-node';
import { loadedOps, tf } from './tf.ts';

/** A network as our ops read it. Made by model/fused-plan.ts, which checks it. */
export interface OpPlan {
  /** Bytes of an image, then eight numbers a layer: kind and sizes, as native/ops.cc reads them. */
  readonly imageSizeBytes: number;
  readonly layers: readonly (readonly number[])[];
  /** Scale and offset of a pixel, then a number a layer: the rate of a dropout layer, else 0. */
  readonly settings: readonly number[];
  /** Positions of the dropout layers in the architecture. */
  readonly dropouts: readonly number[];
}

/** A plan, its images and labels as tensors; whoever makes one disposes of its tensors. */
export interface OpData {
  readonly plan: Tensor1D;
  readonly settings: Tensor1D;
}

/** What one call of the training op takes. */
export interface TrainOpInput extends OpData {
  /** Bytes, four in an int32, as `packBytes` makes them. */
  readonly images: Tensor1D;
  readonly labels: Tensor1D;
  /** Int32, [steps * batch]. */
  readonly indices: Tensor1D;
  /** Int32, a key for each dropout layer and step. */
  readonly keys: Tensor1D;
  /** [steps * 6]: the numbers of `adamStep`. */
  readonly adam: Tensor1D;
  readonly weights: Tensor1D;
  readonly means: Tensor1D;
  readonly squares: Tensor1D;
}

/** What it gives: the new weights and memory, and each step's loss and number of right answers. */
export interface TrainOpResult {
  readonly weights: Tensor1D;
  readonly means: Tensor1D;
  readonly squares: Tensor1D;
  readonly losses: Tensor1D;
  readonly correct: Tensor1D;
}

/** Names of the instruction sets that the ops are compiled for; `auto` is the best that the processor has. */
export type Engine = 'auto' | 'avx512' | 'avx2' | 'portable';

const engines: readonly Engine[] = ['auto', 'avx512', 'avx2', 'portable'];

/** The plan as the tensors that both ops take first. */
export function createOpData(
  plan: OpPlan,
  options: { readonly engine?: Engine; readonly threads?: number } = {},
): OpData {
  const { engine = 'auto', threads = defaultThreads() } = options;
  const header = [engines.indexOf(engine), threads, plan.imageSizeBytes, plan.layers.length];
  return {
    plan: tf.tensor1d(Int32Array.from([...header, ...plan.layers.flat()]), 'int32'),
    settings: tf.tensor1d(Float32Array.from(plan.settings)),
  };
}

/**
 * Bytes as an int32 tensor, four in each: tfjs knows no bytes. The excess of the last is 0. Where they lie so that numbers can
 * be seen in them they are not copied, and must not change until the tensor is used.
 */
export function packBytes(bytes: Uint8Array): Tensor1D {
  const { buffer, byteOffset, length } = bytes;
  if (byteOffset % 4 === 0 && length % 4 === 0)
    return tf.tensor1d(new Int32Array(buffer, byteOffset, length / 4), 'int32');
  const packed = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  packed.set(bytes);
  return tf.tensor1d(new Int32Array(packed.buffer), 'int32');
}

/** Runs whole steps of training, as many as `adam` has. */
export function runTrainOp(input: TrainOpInput): TrainOpResult {
  const { plan, settings, images, labels, indices, keys, adam, weights, means, squares } = input;
  const given = [plan, settings, images, labels, indices, keys, adam, weights, means, squares];
  const [newWeights, newMeans, newSquares, losses, correct] = execute('MnistTrain', given, 5);
  // The op gives five vectors: see native/ops.cc.
  return { weights: newWeights, means: newMeans, squares: newSquares, losses, correct } as TrainOpResult;
}

/** The logits of packed images, [count, 10], dropout off. */
export function runPredictOp(data: OpData, images: Tensor1D, weights: Tensor1D): Tensor2D {
  const [logits] = execute('MnistPredict', [data.plan, data.settings, images, weights], 1);
  return logits as Tensor2D; // the op gives a matrix
}

/** The default number of threads of our ops. */
function defaultThreads(): number {
  return loadedOps()?.threads ?? os.availableParallelism();
}

function execute(name: string, inputs: readonly Tensor[], outputCount: number): Tensor[] {
  // The backend of tfjs-node has this method, the type that tfjs declares for all backends does not.
  const backend = tf.backend() as unknown as {
    executeMultipleOutputs(
      name: string,
      attributes: object[],
      inputs: Tensor[],
      outputCount: number,
    ): Tensor[];
  };
  return backend.executeMultipleOutputs(name, [], [...inputs], outputCount);
}
