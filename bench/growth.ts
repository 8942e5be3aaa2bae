/**
 * How cost grows: ours, one case beside the other, against batch size and against the width of the two convolutions.
 *
 *     npm run bench -- batch|width [--rounds 9] [--threads 2] [--data data] [--out FILE]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadMnist } from '#mnist-dataset-loader';
import { loadedOps, loadTensorFlow } from '../src/backend/tf.ts';
import type { Examples } from '../src/data/split.ts';
import { type Architecture, findArchitecture } from '../src/model/architectures.ts';
import { buildModel } from '../src/model/model.ts';
import { countParameters } from '../src/model/shapes.ts';
import { createWeights, writeWeights } from '../src/model/weights.ts';
import { createStepper } from '../src/train/train.ts';
import { batchSize as usualBatchSize } from './inputs.ts';
import { describeSurroundings, summarize } from './machine.ts';
import { compilePeak, countFlops } from './peak.ts';
import { startWorker } from './worker.ts';

/** A network and a batch size whose training is timed. */
interface Case {
  readonly name: string;
  readonly architecture: Architecture;
  readonly batchSize: number;
}

const cnn = findArchitecture('cnn');

/** The network cnn with 10 to 1,000 images a step. */
export const benchBatch = (words: readonly string[]): Promise<void> =>
  benchGrowth(
    'batch',
    [10, 25, 50, 100, 250, 500, 1000].map((batchSize) => ({
      name: `${batchSize} images`,
      architecture: cnn,
      batchSize,
    })),
    words,
  );

/** The network cnn with 8 and 16 to 64 and 128 filters. */
export const benchWidth = (words: readonly string[]): Promise<void> =>
  benchGrowth(
    'width',
    [8, 16, 32, 64].map((first) => ({
      name: `${first}/${2 * first} filters`,
      architecture: widen(first),
      batchSize: usualBatchSize,
    })),
    words,
  );

/** The first convolution gets so many filters, the second twice as many. */
function widen(first: number): Architecture {
  let filters = first / 2;
  const layers = cnn.layers.map((layer) => {
    if (layer.type !== 'conv2d') return layer;
    filters *= 2;
    return { ...layer, filters };
  });
  return { ...cnn, layers };
}

async function benchGrowth(name: string, cases: readonly Case[], words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: 'string', default: '9' },
      threads: { type: 'string', default: String(os.availableParallelism()) },
      data: { type: 'string', default: 'data' },
      out: { type: 'string', default: `bench/results/${name}.json` },
    },
  });
  const [rounds, threads] = [Number(values.rounds), Number(values.threads)];
  const examples = await loadMnist({ dataDir: values.data, split: 'train' });
  await loadTensorFlow({ threads });
  const machine = `${describeSurroundings()}, ops ${loadedOps()?.engine ?? 'none'}`;
  console.log(`${machine}\n${threads} ${threads === 1 ? 'thread' : 'threads'}, network cnn, Adam, fused ops`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-bench-'));
  const limit = await measurePeak(folder, threads);
  const runs = cases.map((each) => ({
    ...each,
    times: [] as number[],
    measure: startTraining(each, examples),
  }));
  for (let round = 0; round < rounds; round++) {
    // Forth, then back: a machine that slows down favors nobody.
    for (const run of round % 2 === 0 ? runs : runs.toReversed()) run.times.push(run.measure());
  }
  const rows = runs.map(({ name: title, architecture, batchSize, times }) => {
    const { median, low, high } = summarize(times);
    const megaflops = countFlops(architecture, 1) / 1e6;
    const gigaflops = (megaflops / median) * 1e3;
    return {
      name: title,
      parameters: countParameters(architecture),
      batchSize,
      megaflops,
      imageUs: { median, low, high },
      stepMs: (median * batchSize) / 1e3,
      gigaflops,
      ofPeak: gigaflops / limit,
    };
  });
  console.log(
    `FMA peak ${limit.toFixed(0)} GFLOP/s; GFLOP/s count all arithmetic, including what the kernels skip`,
  );
  console.log('case            parameters  us an image (spread)       ms a step   GFLOP/s   of peak');
  for (const { name: title, parameters, imageUs, stepMs, gigaflops, ofPeak } of rows) {
    const spread = `${imageUs.median.toFixed(1)} (${imageUs.low.toFixed(1)} to ${imageUs.high.toFixed(1)})`;
    console.log(
      `${title.padEnd(14)} ${parameters.toLocaleString('en-US').padStart(11)}  ${spread.padEnd(24)} ${stepMs.toFixed(2).padStart(11)} ${gigaflops.toFixed(0).padStart(9)} ${ofPeak.toFixed(2).padStart(9)}`,
    );
  }
  fs.rmSync(folder, { recursive: true });
  fs.mkdirSync(path.dirname(values.out), { recursive: true });
  const taken = { date: new Date().toISOString(), machine, threads, rounds, peakGigaflops: limit, rows };
  fs.writeFileSync(values.out, `${JSON.stringify(taken, null, 1)}\n`);
}

/** Gives what trains on 5,000 images, or ten steps of large batches, and reports microseconds per image; the first turn is done. */
function startTraining({ architecture, batchSize }: Case, examples: Examples): () => number {
  const model = buildModel(architecture, 'fused');
  writeWeights(model, createWeights(architecture, 0));
  const stepper = createStepper(model, { examples, optimizer: 'adam', seed: 0 });
  const count = Math.max(10, 5000 / batchSize);
  let step = 0;
  const measure = () => {
    const startMs = performance.now();
    for (let done = 0; done < count; ) {
      const atOnce = Math.min(stepper.stepsAtOnce(), count - done);
      const steps = Array.from({ length: atOnce }, () => {
        const from = (step * batchSize) % (examples.count - batchSize);
        const indices = Uint32Array.from({ length: batchSize }, (_, index) => from + index);
        return { step: ++step, learningRate: 0.001, indices };
      });
      stepper.run(steps);
      done += atOnce;
    }
    return ((performance.now() - startMs) * 1e3) / (count * batchSize);
  };
  measure();
  return measure;
}

/** GFLOP/s of multiply-adds alone, all threads together: the best of some turns. */
async function measurePeak(folder: string, threads: number): Promise<number> {
  const start = { folder, threads, setting: 'peak', batchSize: usualBatchSize, learningRate: 0 };
  const worker = await startWorker(compilePeak(folder), start);
  const flops = 2e9 * threads;
  let bestMs = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 20; turn++) {
    bestMs = Math.min(bestMs, (await worker.ask({ type: 'multiply', flops })).ms);
  }
  worker.stop();
  return flops / bestMs / 1e6;
}
