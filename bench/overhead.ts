/**
 * What surrounds the arithmetic: reading and checking the four files, shuffling and batching beside a step, and how long
 * training holds the event loop, which signals and the progress bar wait for.
 *
 *     npm run bench -- overhead [--rounds 9] [--data data]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { loadTensorFlow } from '../src/backend/tf.ts';
import { systemClock } from '../src/core/time.ts';
import { createBatches } from '../src/data/batches.ts';
import { type LoadedExamples, loadExamples } from '../src/data/load-examples.ts';
import { findArchitecture } from '../src/model/architectures.ts';
import { buildModel } from '../src/model/model.ts';
import { type TrainConfig, train } from '../src/train/train.ts';
import { batchSize } from './inputs.ts';
import { describeSurroundings, summarize } from './machine.ts';

const config: TrainConfig = {
  epochs: 1,
  batchSize,
  learningRate: 0.001,
  optimizer: 'adam',
  schedule: 'constant',
  seed: 0,
  sampling: 'shuffle',
  evalEvery: 50,
  evalImages: 2000,
};

/** Measures and prints. */
export async function benchOverhead(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { rounds: { type: 'string', default: '9' }, data: { type: 'string', default: 'data' } },
  });
  const rounds = Array.from({ length: Number(values.rounds) }, (_, round) => round);
  await loadTensorFlow();
  console.log(describeSurroundings());
  const load = () => loadExamples({ dataset: 'mnist', dataDir: values.data, mirror: [], offline: true });
  const examples = await load();

  const readMs: number[] = [];
  for (const _ of rounds) readMs.push(await timeMs(load));
  print('reading, unpacking and checking the four files, ms', readMs);

  const batches: number[] = [];
  for (const seed of rounds) batches.push((await timeMs(() => drawEpoch(examples.train.count, seed))) / 1.2);
  print('shuffling and batching an epoch, us a step', batches);

  for (const [name, maxSteps] of [
    ['cnn', 1200],
    ['cnn-large', 100],
  ] as const) {
    const { stepMs, longestMs } = await trainWatched(name, maxSteps, examples);
    const share = (summarize(batches).median / 1e3 / stepMs) * 100;
    console.log(
      `${name}: ${stepMs.toFixed(2)} ms a step, of it ${share.toFixed(2)} % shuffling and batching; the event loop waited ${longestMs.toFixed(0)} ms at most`,
    );
  }
}

/** 1,200 batches, as training asks for them. */
function drawEpoch(count: number, seed: number): number {
  const { stepsPerEpoch, indicesOf } = createBatches({ ...config, count, seed });
  let drawn = 0;
  for (let step = 1; step <= stepsPerEpoch; step++) drawn += indicesOf(step).length;
  return drawn;
}

/** Trains with log points; gives the milliseconds of a step without them, and the event loop's longest wait. */
async function trainWatched(name: string, maxSteps: number, { train: images, test }: LoadedExamples) {
  const model = buildModel(findArchitecture(name), 'fused');
  const { signal } = new AbortController();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const stepMs: number[] = [];
  let last = { step: 0, elapsedMs: 0 };
  delay.enable();
  for await (const event of train(
    model,
    { data: { train: images, test }, signal, clock: systemClock },
    { ...config, maxSteps },
  )) {
    if (event.type === 'progress' && event.step > last.step)
      stepMs.push((event.elapsedMs - last.elapsedMs) / (event.step - last.step));
    if (event.type === 'progress' || event.type === 'step') last = event;
  }
  delay.disable();
  return { stepMs: summarize(stepMs).median, longestMs: delay.max / 1e6 };
}

async function timeMs(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function print(what: string, values: readonly number[]): void {
  const { median, low, high } = summarize(values);
  console.log(`${what}: ${median.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`);
}
