import os from 'node:os';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-node';
import { check, checkEqual, checkInteger } from './checks.ts';
import { encodeLayer, largestSize, measurePlan, type OpPlan, type OpSizes } from './op-plan.ts';
import { loadedOps, tf } from './tf.ts';

export type { OpLayer, OpPlan } from './op-plan.ts';

/** A plan as tensors, which whoever makes one disposes of, and what the other arguments are checked against. */
export interface OpData {
  readonly plan: Tensor1D;
  readonly settings: Tensor1D;
  readonly sizes: OpSizes;
}

/** What one call of the training op takes. */
export interface TrainOpInput {
  /** Bytes, four in an int32, as `packBytes` makes them. */
  readonly images: Tensor1D;
  /** Of packed bytes. The number of classes as a label stands for none of them: each is wanted equally. */
  readonly labels: Tensor1D;
  /** Int32, [steps * batch]. */
  readonly indices: Tensor1D;
  /** Int32, for each step a key for each dropout layer, and then one for the warp, where there is one. */
  readonly keys: Tensor1D;
  /** [steps * 7]: what the optimizer's method takes besides the gradients, as `UpdateStep` of native/plan.h has it. */
  readonly updates: Tensor1D;
}

/** What it gives: each step's loss and number of right answers. */
export interface TrainOpResult {
  readonly losses: Tensor1D;
  readonly correct: Tensor1D;
}

/**
 * Arrays of a trainer, a number for each parameter of the plan, in the order of `followShapes`. Momentum keeps its velocities
 * as means. What a method does not keep is read as zeros.
 */
export type OpArray = (typeof arrays)[number];

/** A network in training. Its weights and what the method remembers live in C++ until it is disposed of. */
export interface OpTrainer {
  /** Whether images are warped: each step takes a key for that then. */
  readonly isWarped: boolean;
  /** Runs whole steps, as many as there are updates. @throws TrainerError `E_INTERNAL` where arguments do not fit the plan or each other. */
  readonly train: (input: TrainOpInput) => TrainOpResult;
  /** Copies an array out. */
  readonly read: (array: OpArray) => Tensor1D;
  /** Sets an array; all are zero at first. @throws TrainerError `E_INTERNAL` where the values do not fit the plan. */
  readonly write: (array: OpArray, values: Tensor1D) => void;
  readonly dispose: () => void;
}

/** How weights change: `Method` of native/plan.h. */
export type OpMethod = (typeof methods)[number];

/** Names of the instruction sets that the ops are compiled for; `auto` is the best that the processor has. */
export type Engine = 'auto' | 'avx512' | 'avx2' | 'portable';

const engines: readonly Engine[] = ['auto', 'avx512', 'avx2', 'portable'];
const methods = ['sgd', 'momentum', 'adam'] as const;
const arrays = ['weights', 'means', 'squares'] as const;
const mostThreads = 256;
const updateNumbers = 7;
const warpedBytes = 28 * 28;

/** How a plan is run: by default on all threads, with the best instruction set, by Adam. */
export interface OpOptions {
  readonly engine?: Engine;
  readonly threads?: number;
  readonly method?: OpMethod;
  /** The share of the wanted probability that goes to all classes alike; 0 where it is not given. */
  readonly labelSmoothing?: number;
  /** How training images [28, 28] are warped; not at all where it is not given. */
  readonly warp?: OpWarp | undefined;
}

/** `Warp` of native/plan.h. */
export interface OpWarp {
  readonly shift: number;
  readonly rotation: number;
  readonly scale: number;
  readonly shear: number;
  readonly elastic: number;
}

/**
 * The plan as the tensors that ops take first.
 *
 * @throws TrainerError `E_INTERNAL` where the plan is not sound, or this processor cannot run it so.
 */
export function createOpData(plan: OpPlan, options: OpOptions = {}): OpData {
  const { engine = 'auto', threads = defaultThreads(), method = 'adam', labelSmoothing = 0, warp } = options;
  const sizes = measurePlan(plan);
  check(isRunnable(engine), 'the engine', `one that runs on ${loadedOps()?.engine}`, engine);
  checkInteger('the number of threads', threads, 1, mostThreads);
  check(
    labelSmoothing >= 0 && labelSmoothing < 1,
    'the label smoothing',
    'from 0 to less than 1',
    labelSmoothing,
  );
  if (warp !== undefined) {
    checkEqual('the bytes of a warped image', plan.imageSizeBytes, warpedBytes);
    for (const limit of Object.values(warp)) check(limit >= 0, 'a limit of the warp', 'at least 0', limit);
  }
  check(methods.includes(method), 'the method', methods.join(', '), method);
  const { imageSizeBytes, pixels, layers } = plan;
  const header = [engines.indexOf(engine), threads, imageSizeBytes, layers.length, methods.indexOf(method)];
  const rates = layers.map((layer) => (layer.kind === 'dropout' ? layer.rate : 0));
  return {
    plan: tf.tensor1d(Int32Array.from([...header, ...layers.flatMap(encodeLayer)]), 'int32'),
    settings: tf.tensor1d(
      Float32Array.from([pixels.scale, pixels.offset, labelSmoothing, ...listLimits(warp), ...rates]),
    ),
    sizes,
  };
}

/** In the order of `Warp` in native/plan.h; zeros, for no warp, where there is none. */
function listLimits(warp: OpWarp | undefined): readonly number[] {
  if (warp === undefined) return [0, 0, 0, 0, 0];
  return [warp.shift, warp.rotation, warp.scale, warp.shear, warp.elastic];
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
 * Creates a trainer of a plan, all its arrays zero. The caller disposes of it.
 *
 * @throws TrainerError `E_INTERNAL` as `createOpData`.
 */
export function createTrainer(plan: OpPlan, options: OpOptions = {}): OpTrainer {
  const { plan: numbers, settings, sizes } = createOpData(plan, options);
  const isWarped = listLimits(options.warp).some((limit) => limit > 0);
  const keysPerStep = sizes.dropoutCount + (isWarped ? 1 : 0);
  const [created] = execute('MnistCreate', [numbers, settings], 1) as [Tensor]; // the op gives the trainer's number
  const [number = 0] = created.dataSync();
  tf.dispose([numbers, settings, created]);
  /** The outputs of an op that takes the trainer's number first; with `array`, that as well. */
  const call = (name: string, outputCount: number, inputs: readonly Tensor[], array?: OpArray) => {
    const first = [number, ...(array === undefined ? [] : [arrays.indexOf(array)])];
    const own = first.map((each) => tf.tensor1d([each], 'int32'));
    const outputs = execute(name, [...own, ...inputs], outputCount);
    tf.dispose(own);
    return outputs;
  };
  return {
    isWarped,
    train: (input) => {
      checkTrainInput(input, sizes, keysPerStep);
      const { images, labels, indices, keys, updates } = input;
      const [losses, correct] = call('MnistTrain', 2, [images, labels, indices, keys, updates]);
      return { losses, correct } as TrainOpResult; // the op gives two vectors: see native/ops.cc
    },
    read: (array) => call('MnistRead', 1, [], array)[0] as Tensor1D, // and here one
    write: (array, values) => {
      checkTensor(array, values, 'float32', sizes.parameterCount);
      tf.dispose(call('MnistWrite', 1, [values], array));
    },
    dispose: () => tf.dispose(call('MnistFree', 1, [])),
  };
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

function checkTrainInput(
  { images, labels, indices, keys, updates }: TrainOpInput,
  sizes: OpSizes,
  keysPerStep: number,
): void {
  const imageCount = countImages(images, sizes);
  checkTensor('labels', labels, 'int32', Math.ceil(imageCount / 4));
  checkInteger('the largest label', largestLabel(labels), 0, sizes.classCount);
  const stepCount = updates.size / updateNumbers;
  checkInteger('the number of steps, a seventh of the numbers for updates,', stepCount, 1, largestSize);
  checkTensor('updates', updates, 'float32', updates.size);
  for (const value of updates.dataSync())
    check(Number.isFinite(value), 'a number for updates', 'a finite one', value);
  const batchSize = indices.size / stepCount;
  checkInteger(
    'the batch size, indices for each step,',
    batchSize,
    1,
    Math.floor(largestSize / sizes.widest),
  );
  checkTensor('indices', indices, 'int32', indices.size);
  for (const index of indices.dataSync()) checkInteger('an index', index, 0, imageCount - 1);
  // Where none is wanted there is one key that nothing reads: an empty tensor has no memory for TensorFlow to give.
  checkTensor('keys', keys, 'int32', Math.max(1, stepCount * keysPerStep));
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
