/**
 * The closed table: the same network, batches, optimizer and first weights, so that only the engine differs. Ours beside
 * PyTorch, Keras, stock tfjs-node and what the cores could do at most.
 *
 *     npm run bench -- closed [--rounds 15] [--steps 150] [--job-rounds 5] [--threads 2,1] [--data data] [--out FILE] [--quick]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findArchitecture } from '../src/model/architectures.ts';
import { type Comparison, comparePairs } from './compare.ts';
import {
  compareSteps,
  createRival,
  type Grounds,
  measureEvaluation,
  measureSteps,
  ours,
  type Runner,
  startFastest,
  startRunner,
  stock,
  withRunner,
} from './contestants.ts';
import { batchSize, learningRate, writeInputs } from './inputs.ts';
import { createOurJob, createTorchJob } from './job.ts';
import { describeMachine } from './machine.ts';
import { compilePeak, countFlops } from './peak.ts';
import type { Patience } from './strangers.ts';
import { type ClosedRow, formatRow } from './table.ts';
import { startWorker } from './worker.ts';

interface ClosedOptions {
  readonly rounds: number;
  readonly jobRounds: number;
  /** Of a turn. */
  readonly steps: number;
  readonly isQuick: boolean;
  readonly dataDir: string;
  readonly patience: Patience;
}

/** Measures, prints the table and writes it as JSON. @throws Error where the first losses differ. */
export async function benchClosed(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: 'string', default: '15' },
      steps: { type: 'string', default: '150' },
      'job-rounds': { type: 'string', default: '5' },
      threads: { type: 'string', default: '2,1' },
      data: { type: 'string', default: 'data' },
      out: { type: 'string', default: 'bench/results/closed.json' },
      quick: { type: 'boolean', default: false },
    },
  });
  const options: ClosedOptions = {
    rounds: Number(values.rounds),
    jobRounds: Number(values['job-rounds']),
    steps: Number(values.steps),
    isQuick: values.quick,
    dataDir: values.data,
    patience: { leftMs: values.quick ? 20_000 : 180_000 },
  };
  const startMs = performance.now();
  const folder = await writeInputs(options.dataDir);
  const machine = describeMachine();
  console.log(machine);
  const tables = [];
  try {
    for (const threads of values.threads.split(',').map(Number)) {
      const grounds = { folder, threads, patience: options.patience, say: console.log };
      tables.push({ threads, ...(await measureTable(grounds, options)) });
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  fs.mkdirSync(path.dirname(values.out), { recursive: true });
  const taken = { date: new Date().toISOString(), machine, batchSize, learningRate, options, tables };
  fs.writeFileSync(values.out, `${JSON.stringify(taken, null, 1)}\n`);
  console.log(`${Math.round((performance.now() - startMs) / 1000)} s; written to ${values.out}`);
}

async function measureTable(grounds: Grounds, options: ClosedOptions) {
  const { threads, say } = grounds;
  say(`\n${threads} ${threads === 1 ? 'thread' : 'threads'}`);
  const own = await startRunner(ours, 'fused', grounds);
  const rows: ClosedRow[] = [];
  const versions = [own.version];
  const add = (what: string, target: ClosedRow['target'], comparison: Comparison) => {
    const row = { what, target, ...comparison };
    rows.push(row);
    say(formatRow(row));
  };
  // Stock takes a part of the steps a turn: its ten take as long as 50 of the others.
  const turns = (runner: Runner, part = 1) => ({ runner, steps: Math.ceil(options.steps * part) });
  const against = { ...grounds, expected: own.losses, steps: options.steps };
  try {
    await withRunner(startRunner(ours, 'fused', against), async (twin) =>
      add('ours / ours, the noise', {}, await compareSteps(turns(own), turns(twin), options)),
    );
    const torch = createRival('torch', options.isQuick, say);
    const torchSetting = await withRunner(startFastest(torch, against), async (rival) => {
      versions.push(rival.version);
      add(
        `PyTorch (${rival.setting}) / ours, step`,
        { atLeast: 5 },
        await compareSteps(turns(own), turns(rival), options),
      );
      const at = await findEvaluationBatch(rival);
      const comparison = await compareEvaluation(own, rival, at, options);
      add(`PyTorch (${at} at once) / ours, evaluation of 10,000`, { atLeast: 2.5 }, comparison);
      return rival.setting;
    });
    await withRunner(startFastest(createRival('keras', options.isQuick, say), against), async (rival) => {
      versions.push(rival.version);
      add(
        `Keras (${rival.setting}) / ours, step`,
        { atLeast: 9 },
        await compareSteps(turns(own), turns(rival), options),
      );
    });
    await withRunner(startRunner(stock, 'stock', against), async (rival) =>
      add(
        'stock tfjs-node / ours, step',
        { atLeast: 25 },
        await compareSteps(turns(own), turns(rival, 0.2), options),
      ),
    );
    add(
      'ours / all arithmetic at FMA peak, step',
      { below: 0.75 },
      await compareWithPeak(own, grounds, options),
    );
    own.worker.stop();
    const job = { ...grounds, dataDir: options.dataDir, setting: torchSetting };
    const jobs = await comparePairs(createOurJob(job), createTorchJob(job), {
      rounds: options.jobRounds,
      patience: options.patience,
    });
    add('PyTorch / ours, whole job', { atLeast: 5 }, jobs);
  } finally {
    own.worker.stop();
  }
  say(`versions: ${versions.join('; ')}`);
  return { versions, rows };
}

/** The limit comes first in the ratio: all multiplications of a step at the cores' peak, none left out. */
async function compareWithPeak(own: Runner, grounds: Grounds, options: ClosedOptions): Promise<Comparison> {
  const { rounds, steps, patience } = options;
  const program = compilePeak(grounds.folder);
  const start = {
    folder: grounds.folder,
    threads: grounds.threads,
    setting: 'peak',
    batchSize,
    learningRate,
  };
  const worker = await startWorker(program, start);
  const flops = countFlops(findArchitecture('cnn'), batchSize) * steps;
  const measurePeak = async () => (await worker.ask({ type: 'multiply', flops })).ms / steps;
  try {
    await measurePeak();
    const comparison = await comparePairs(measurePeak, () => measureSteps(own, steps), { rounds, patience });
    const gigaflops = flops / steps / comparison.aMs.median / 1e6;
    grounds.say(`  FMA peak: ${gigaflops.toFixed(0)} GFLOP/s (${worker.version})`);
    return comparison;
  } finally {
    worker.stop();
  }
}

async function compareEvaluation(
  own: Runner,
  rival: Runner,
  rivalAtOnce: number,
  { rounds, patience }: ClosedOptions,
): Promise<Comparison> {
  return comparePairs(
    () => measureEvaluation(own, testImages, 1000),
    () => measureEvaluation(rival, testImages, rivalAtOnce),
    { rounds, patience },
  );
}

const testImages = 10_000;

/** The number of images at once with which a rival evaluates fastest, over three passes each. */
async function findEvaluationBatch(rival: Runner): Promise<number> {
  let best = { imagesAtOnce: 0, ms: Number.POSITIVE_INFINITY };
  for (const imagesAtOnce of [50, 100, 250, 500, 1000, 2000]) {
    for (let pass = 0; pass < 4; pass++) {
      const ms = await measureEvaluation(rival, 2000, imagesAtOnce);
      // The first pass at a size may compile.
      if (pass > 0 && ms < best.ms) best = { imagesAtOnce, ms };
    }
  }
  return best.imagesAtOnce;
}
