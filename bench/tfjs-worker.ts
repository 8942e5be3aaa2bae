/** Trains and evaluates with tfjs-node, on our ops (`auto`, `fused`) or its own (`stock`): a worker of bench/worker.ts. */
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { loadedOps, loadTensorFlow, tf } from '../src/backend/tf.ts';
import type { NamedArray } from '../src/core/tensor-file.ts';
import type { Examples } from '../src/data/split.ts';
import { takeRange } from '../src/data/split.ts';
import { evaluateModel } from '../src/evaluate/evaluate.ts';
import { type Architecture, withDropout } from '../src/model/architectures.ts';
import { buildModel, disposeModel, type Kernels, type Model } from '../src/model/model.ts';
import { createWeights, readWeights, writeWeights } from '../src/model/weights.ts';
import type { Stepper } from '../src/train/stepper.ts';
import { createStepper } from '../src/train/train.ts';
import type { Answer, Task, WorkerStart } from './worker.ts';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
const start = JSON.parse(String(first.value)) as WorkerStart; // written by bench/worker.ts
await loadTensorFlow({ threads: start.threads });

const read = (name: string) => new Uint8Array(fs.readFileSync(path.join(start.folder, name)));
const readExamples = (split: string): Examples => {
  const labels = read(`${split}-labels.bin`);
  return { images: read(`${split}-images.bin`), labels, count: labels.length };
};
const test = readExamples('test');
const order = new Uint32Array(read('order.bin').buffer);
const train = readExamples('train');
const networkFile = path.join(start.folder, 'network.json');
const { architecture } = JSON.parse(fs.readFileSync(networkFile, 'utf8')) as { architecture: Architecture }; // written by bench/inputs.ts
const hasDropout = architecture.layers.some(({ type }) => type === 'dropout');
let isDropping = false;
let [model, stepper] = prepare(
  hasDropout ? withDropout(architecture, 0) : architecture,
  createInitialWeights(),
);
answer({ version: `tfjs ${tf.version.tfjs}, ops ${loadedOps()?.engine ?? 'none'}` });

let done = 0;
for await (const line of lines) {
  const task = JSON.parse(line) as Task; // written by bench/worker.ts
  if (task.type === 'train') {
    if (hasDropout && task.withoutDropout !== true && !isDropping) switchDropoutOn();
    answer(trainSteps(task.steps));
  }
  if (task.type === 'evaluate') answer(await evaluate(task.images));
}

function prepare(network: Architecture, weights: readonly NamedArray[]): [Model, Stepper] {
  const built = buildModel(network, start.setting as Kernels); // written by bench/contestants.ts
  writeWeights(built, weights);
  return [built, createStepper(built, { examples: train, optimizer: 'adam', seed: 0 })];
}

/** Carries on with the network's own rates. */
function switchDropoutOn(): void {
  const [weights, memory] = [readWeights(model), stepper.capture()];
  stepper.dispose();
  disposeModel(model);
  [model, stepper] = prepare(architecture, weights);
  stepper.restore(memory);
  isDropping = true;
}

function trainSteps(count: number): Answer {
  const { run, stepsAtOnce, writeBack } = stepper;
  const startMs = performance.now();
  const losses: number[] = [];
  while (losses.length < count) {
    const steps = Array.from({ length: Math.min(stepsAtOnce(), count - losses.length) }, () => {
      const from = (done++ * start.batchSize) % order.length;
      const indices = order.subarray(from, from + start.batchSize);
      return { step: done, learningRate: start.learningRate, indices };
    });
    losses.push(...run(steps).map(({ loss }) => loss));
  }
  writeBack();
  const ms = performance.now() - startMs;
  return { ms, losses, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

async function evaluate(images: number): Promise<Answer> {
  const startMs = performance.now();
  const { correct } = await evaluateModel(model, takeRange(test, 0, images));
  return { ms: performance.now() - startMs, correct };
}

/** The very bytes that the rivals read. */
function createInitialWeights(): readonly NamedArray[] {
  const flat = new Float32Array(read('weights.bin').buffer);
  let position = 0;
  return createWeights(architecture, 0).map((array) => {
    position += array.values.length;
    return { ...array, values: flat.slice(position - array.values.length, position) };
  });
}

function answer(value: Answer | { readonly version: string }): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
