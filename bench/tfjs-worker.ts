/** Trains and evaluates with tfjs-node, on our ops (`fused`) or its own (`stock`): a worker of bench/worker.ts. */
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { loadedOps, loadTensorFlow, tf } from '../src/backend/tf.ts';
import type { Examples } from '../src/data/split.ts';
import { takeRange } from '../src/data/split.ts';
import { evaluateModel } from '../src/evaluate/evaluate.ts';
import { findArchitecture } from '../src/model/architectures.ts';
import { buildModel, type Kernels, type Model } from '../src/model/model.ts';
import { createWeights, writeWeights } from '../src/model/weights.ts';
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
const model = buildModel(findArchitecture('cnn'), start.setting as Kernels); // written by bench/closed.ts
writeWeights(model, createInitialWeights(model));
const stepper = createStepper(model, { examples: readExamples('train'), optimizer: 'adam', seed: 0 });
answer({ version: `tfjs ${tf.version.tfjs}, ops ${loadedOps()?.engine ?? 'none'}` });

let done = 0;
for await (const line of lines) {
  const task = JSON.parse(line) as Task; // written by bench/worker.ts
  if (task.type === 'train') answer(train(stepper, task.steps));
  if (task.type === 'evaluate') answer(await evaluate(task.images));
}

function train({ run, stepsAtOnce, writeBack }: Stepper, count: number): Answer {
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
  return { ms: performance.now() - startMs, losses };
}

async function evaluate(images: number): Promise<Answer> {
  const startMs = performance.now();
  const { correct } = await evaluateModel(model, takeRange(test, 0, images));
  return { ms: performance.now() - startMs, correct };
}

/** The very bytes that the rivals read. */
function createInitialWeights({ architecture }: Model) {
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
