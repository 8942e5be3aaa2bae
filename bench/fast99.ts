/**
 * The preset fast99: test accuracy of the last weights over many seeds, and the time of the whole job next to PyTorch's for
 * one plain epoch.
 *
 *     npm run bench -- fast99 [--seeds 30] [--threads 2] [--data data] [--setting channels-last] [--out FILE]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readMetricsLog } from '../src/run/metrics-log.ts';
import { createOurJob, createTorchJob } from './job.ts';
import { describeMachine, summarize } from './machine.ts';

/** Measures, prints and writes as JSON. */
export async function benchFast99(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seeds: { type: 'string', default: '30' },
      threads: { type: 'string', default: '2' },
      data: { type: 'string', default: 'data' },
      setting: { type: 'string', default: 'channels-last' },
      out: { type: 'string', default: 'bench/results/fast99.json' },
    },
  });
  const [seeds, threads] = [Number(values.seeds), Number(values.threads)];
  const machine = describeMachine();
  console.log(machine);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-bench-'));
  const grounds = { folder, threads, dataDir: values.data };
  const rival = createTorchJob({ ...grounds, setting: values.setting });
  const runs: { readonly seed: number; readonly accuracy: number; readonly ms: number }[] = [];
  const rivalMs: number[] = [];
  try {
    for (let seed = 0; seed < seeds; seed++) {
      const ms = await createOurJob(grounds, ['--preset', 'fast99', '--seed', String(seed)])();
      runs.push({ seed, accuracy: readAccuracy(path.join(folder, 'net')), ms });
      // Between our runs, so that both meet the machine in the same moods.
      if (seed % 10 === 0) rivalMs.push(await rival());
      console.log(`  seed ${seed}: ${runs.at(-1)?.accuracy}, ${(ms / 1000).toFixed(2)} s`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  const accuracies = runs.map(({ accuracy }) => accuracy);
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / seeds;
  const deviation = Math.sqrt(
    accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, seeds - 1),
  );
  // Of the mean, 95 %: with 30 seeds Student's t is 2.05.
  const margin = (2.05 * deviation) / Math.sqrt(seeds);
  const { median: ourMs } = summarize(runs.map(({ ms }) => ms));
  const { median: theirMs } = summarize(rivalMs);
  console.log(
    `accuracy ${mean.toFixed(4)} +- ${margin.toFixed(4)} (deviation ${deviation.toFixed(4)}, ${Math.min(...accuracies)} to ${Math.max(...accuracies)}, ${seeds} seeds)`,
  );
  console.log(
    `whole job ${(ourMs / 1000).toFixed(2)} s; PyTorch, one plain epoch ${(theirMs / 1000).toFixed(2)} s: ${(theirMs / ourMs).toFixed(2)} times`,
  );
  fs.mkdirSync(path.dirname(values.out), { recursive: true });
  const taken = { date: new Date().toISOString(), machine, threads, mean, deviation, margin, runs, rivalMs };
  fs.writeFileSync(values.out, `${JSON.stringify(taken, null, 1)}\n`);
}

/** The last log point's accuracy on all test images. */
function readAccuracy(folder: string): number {
  const last = readMetricsLog(path.join(folder, 'log.jsonl')).findLast(({ event }) => event === 'step');
  if (last?.event !== 'step' || last.step !== 1200) throw new Error(`no log point of step 1200 in ${folder}`);
  return last.test.accuracy;
}
