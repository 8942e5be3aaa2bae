import os from 'node:os';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-node';
import { check, checkEqual, checkInteger } from './checks.ts';
import { largestSize, measurePlan, type OpPlan, type OpSizes } from './op-plan.ts';
import { loadedOps, tf } from './tf.ts';

export type { OpPlan } from './op-plan.ts';

/** A plan as tensors, which whoever makes one disposes of, and what the other arguments are checked against. */
export interface OpData {
  readonly plan: Tensor1D;
  readonly settings: Tensor1D;
  readonly sizes: OpSizes;
}

/** What one call of the training op takes. */
export interface TrainOpInput extends OpData {
  /** Bytes, four in an int32, as `packBytes` makes them. */
  readonly images: Tensor1D;
  /** Of packed bytes. The number of classes as a label stands for none of them: each is wanted equally. */
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
const mostThreads = 256;
const adamNumbers = 6;

/**
 * The plan as the tensors that both ops take first.
 *
 * @throws TrainerError `E_INTERNAL` where the plan is not sound, or this processor cannot run it so.
 */
export function createOpData(
  plan: OpPlan,
  options: { readonly engine?: Engine; readonly threads?: number } = {},
): OpData {
  const { engine = 'auto', threads = defaultThreads() } = options;
  const sizes = measurePlan(plan);
  check(isRunnable(engine), 'the engine', `one that runs on ${loadedOps()?.engine}`, engine);
  checkInteger('the number of threads', threads, 1, mostThreads);
  const header = [engines.indexOf(engine), threads, plan.imageSizeBytes, plan.layers.length];
  return {
    plan: tf.tensor1d(Int32Array.from([...header, ...plan.layers.flat()]), 'int32'),
    settings: tf.tensor1d(Float32Array.from(plan.settings)),
    sizes,
  };
}

/**
 * Bytes as an int32 tensor, four in each: tfjs has no byte type. The excess of the last is 0. Where they lie so that numbers can
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

/**
 * Runs whole steps of training, as many as `adam` has.
 *
 * @throws TrainerError `E_INTERNAL` where an argument does not fit the plan or the others.
 */
export function runTrainOp(input: TrainOpInput): TrainOpResult {
  checkTrainInput(input);
  const { plan, settings, images, labels, indices, keys, adam, weights, means, squares } = input;
  const given = [plan, settings, images, labels, indices, keys, adam, weights, means, squares];
  const [newWeights, newMeans, newSquares, losses, correct] = execute('MnistTrain', given, 5);
  // The op gives five vectors: see native/ops.cc.
  return { weights: newWeights, means: newMeans, squares: newSquares, losses, correct } as TrainOpResult;
}

/**
 * The logits of packed images, [count, 10], dropout off.
 *
 * @throws TrainerError `E_INTERNAL` where images or weights do not fit the plan.
 */
export function runPredictOp(data: OpData, images: Tensor1D, weights: Tensor1D): Tensor2D {
  countImages(images, data.sizes);
  checkTensor('weights', weights, 'float32', data.sizes.parameterCount);
  const [logits] = execute('MnistPredict', [data.plan, data.settings, images, weights], 1);
  return logits as Tensor2D; // the op gives a matrix
}

/** The default number of threads of our ops. */
function defaultThreads(): number {
  return loadedOps()?.threads ?? Math.min(os.availableParallelism(), mostThreads);
}

/** Whether this processor has an instruction set: those behind its best one in `engines`, too. */
function isRunnable(engine: Engine): boolean {
  const best = engines.findIndex((name) => name === loadedOps()?.engine);
  return engine === 'auto' || engines.indexOf(engine) >= best;
}

function checkTrainInput({ sizes, images, labels, indices, keys, adam, ...state }: TrainOpInput): void {
  const imageCount = countImages(images, sizes);
  checkTensor('labels', labels, 'int32', Math.ceil(imageCount / 4));
  checkInteger('the largest label', largestLabel(labels), 0, sizes.classCount);
  const stepCount = adam.size / adamNumbers;
  checkInteger('the number of steps, a sixth of the numbers for Adam,', stepCount, 1, largestSize);
  checkTensor('adam', adam, 'float32', adam.size);
  for (const value of adam.dataSync())
    check(Number.isFinite(value), 'a number for Adam', 'a finite one', value);
  const batchSize = indices.size / stepCount;
  checkInteger(
    'the batch size, indices for each step,',
    batchSize,
    1,
    Math.floor(largestSize / sizes.widest),
  );
  checkTensor('indices', indices, 'int32', indices.size);
  for (const index of indices.dataSync()) checkInteger('an index', index, 0, imageCount - 1);
  // Without dropout there is one key that nothing reads: an empty tensor has no memory for TensorFlow to give.
  checkTensor('keys', keys, 'int32', Math.max(1, stepCount * sizes.dropoutCount));
  for (const name of ['weights', 'means', 'squares'] as const)
    checkTensor(name, state[name], 'float32', sizes.parameterCount);
}

/** Images in a tensor of packed bytes, whose last number may have up to three bytes too many. */
function countImages(images: Tensor1D, { imageSizeBytes }: OpSizes): number {
  const count = Math.floor((images.size * 4) / imageSizeBytes);
  checkInteger('the number of images', count, 1, largestSize);
  checkTensor('images', images, 'int32', Math.ceil((count * imageSizeBytes) / 4));
  return count;
}

const largestLabels = new WeakMap<Tensor, number>();

/** Read once for each tensor: after its first use the values would have to be copied from TensorFlow. */
function largestLabel(labels: Tensor1D): number {
  let largest = largestLabels.get(labels);
  if (largest === undefined) {
    const { buffer, byteOffset, byteLength } = labels.dataSync();
    largest = new Uint8Array(buffer, byteOffset, byteLength).reduce(
      (left, right) => Math.max(left, right),
      0,
    );
    largestLabels.set(labels, largest);
  }
  return largest;
}

function checkTensor(name: string, { dtype, shape }: Tensor, type: 'int32' | 'float32', size: number): void {
  checkEqual(name, `${dtype} [${shape.join()}]`, `${type} [${size}]`);
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
