/**
 * The presets of `train`: test accuracy of the last weights over some seeds, and seconds of the whole job, beside PyTorch's
 * plain epochs of `cnn`. What they were chosen by, and that it was not the test images, is said in docs/results.md.
 *
 *     npm run bench -- presets [--only fast99,fast995] [--seeds 10] [--threads 2] [--data data] [--epochs 10] [--out FILE]
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { createOurJob, runTorchEpochs, type TorchEpoch } from './job.ts';
import { describeMachine, summarize } from './machine.ts';
import { drawPresets } from './presets-picture.ts';

/** Seeds that each preset is measured with, where `--seeds` does not say. */
const usualSeeds = { fast99: 10, fast995: 10, best: 5, small: 10 } as const;

/** What came of a preset's runs, from seed 0 on. */
export interface PresetResult {
  readonly preset: string;
  /** 0 to 1. */
  readonly accuracies: readonly number[];
  readonly mean: number;
  /** Of single seeds. */
  readonly deviation: number;
  /** Of the whole job, process start to saved model: the median. */
  readonly seconds: number;
}

/** Measures, prints each preset as it is done, writes all as JSON, and draws them. */
export async function benchPresets(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string', default: Object.keys(usualSeeds).join(',') },
      seeds: { type: 'string' },
      threads: { type: 'string', default: '2' },
      data: { type: 'string', default: 'data' },
      epochs: { type: 'string', default: '10' },
      setting: { type: 'string', default: 'channels-last' },
      out: { type: 'string', default: 'bench/results/presets.json' },
    },
  });
  const machine = describeMachine();
  console.log(machine);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-bench-'));
  const grounds = { folder, threads: Number(values.threads), dataDir: values.data };
  const results: PresetResult[] = [];
  let torch: readonly TorchEpoch[] = [];
  const save = () => {
    fs.mkdirSync(path.dirname(values.out), { recursive: true });
    const taken = { date: new Date().toISOString(), machine, threads: grounds.threads, results, torch };
    fs.writeFileSync(values.out, `${JSON.stringify(taken, null, 1)}\n`);
  };
  try {
    torch = await runTorchEpochs({ ...grounds, setting: values.setting }, Number(values.epochs));
    for (const { epoch, seconds, accuracy } of torch)
      console.log(`PyTorch, epoch ${epoch}: ${formatAccuracy(accuracy)}, ${seconds.toFixed(1)} s`);
    for (const preset of values.only.split(',')) {
      const seeds = Number(values.seeds ?? usualSeeds[preset as keyof typeof usualSeeds] ?? 5);
      results.push(await measurePreset(preset, seeds, grounds));
      console.log(formatResult(results.at(-1) as PresetResult));
      save();
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  const picture = values.out.replace(/\.json$/, '.png');
  fs.writeFileSync(picture, (await drawPresets(results, torch)).png);
  console.log(`written to ${values.out} and ${picture}`);
}

async function measurePreset(
  preset: string,
  seeds: number,
  grounds: { readonly folder: string; readonly threads: number; readonly dataDir: string },
): Promise<PresetResult> {
  const accuracies: number[] = [];
  const times: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const ms = await createOurJob(grounds, ['--preset', preset, '--seed', String(seed)])();
    accuracies.push(await measureAccuracy(path.join(grounds.folder, 'net'), grounds.dataDir));
    times.push(ms / 1000);
    console.log(
      `  ${preset}, seed ${seed}: ${formatAccuracy(accuracies.at(-1))}, ${times.at(-1)?.toFixed(2)} s`,
    );
  }
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / seeds;
  const squares = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, seeds - 1));
  return { preset, accuracies, mean, deviation, seconds: summarize(times).median };
}

/** On all test images, as `mnist-cnn eval` measures it. */
async function measureAccuracy(folder: string, dataDir: string): Promise<number> {
  const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const flags = ['--model', folder, '--offline', '--data-dir', dataDir, '--json', '--quiet'];
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'eval', ...flags], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return (JSON.parse(stdout) as { readonly accuracy: number }).accuracy; // the report of cli/eval
}

function formatResult({ preset, accuracies, mean, deviation, seconds }: PresetResult): string {
  const range = `${formatAccuracy(Math.min(...accuracies))} to ${formatAccuracy(Math.max(...accuracies))}`;
  const error = (100 * deviation) / Math.sqrt(accuracies.length);
  return `${preset}: mean ${(100 * mean).toFixed(3)} % (standard error ${error.toFixed(3)}, deviation ${(100 * deviation).toFixed(3)}, ${range}, ${accuracies.length} seeds), whole job ${seconds.toFixed(2)} s`;
}

function formatAccuracy(accuracy = Number.NaN): string {
  return `${(100 * accuracy).toFixed(2)} %`;
}
