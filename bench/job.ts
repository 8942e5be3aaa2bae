import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findArchitecture } from '../src/model/architectures.ts';
import type { Measure } from './compare.ts';
import { writeNetwork } from './inputs.ts';
import { provideRival } from './rivals/setup.ts';

/** What a job is done with. */
export interface JobOptions {
  /** With MNIST's four files. */
  readonly dataDir: string;
  /** For what the job reads and saves. */
  readonly folder: string;
  readonly threads: number;
  /** PyTorch's. */
  readonly setting: string;
}

/** The whole job of ours, process start to saved model: `mnist-cnn train`, one epoch, 25 evaluations of 2,000 images. */
export function createOurJob(
  { dataDir, folder, threads }: Omit<JobOptions, 'setting'>,
  more: readonly string[] = [],
): Measure {
  const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const out = path.join(folder, 'net');
  const flags = ['--offline', '--data-dir', dataDir, '--out', out, '--threads', String(threads), ...more];
  return () => {
    fs.rmSync(out, { recursive: true, force: true });
    return timeProgram(process.execPath, [program, 'train', ...flags]);
  };
}

/** The same in PyTorch: bench/rivals/torch_job.py. */
export function createTorchJob({ dataDir, folder, threads, setting }: JobOptions): Measure {
  const { python, cache } = provideRival('torch', () => {});
  const script = fileURLToPath(new URL('rivals/torch_job.py', import.meta.url));
  writeNetwork(folder, findArchitecture('cnn'));
  const words = [script, dataDir, folder, String(threads), setting];
  return () => timeProgram(python, words, { TORCHINDUCTOR_CACHE_DIR: cache });
}

/** Milliseconds from the program's start to its first word on stdout, which both say once the model is saved. */
async function timeProgram(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  const startMs = performance.now();
  const child = spawn(command, [...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let savedMs = Number.NaN;
  child.stdout.once('data', () => {
    savedMs = performance.now() - startMs;
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000);
  });
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}:\n${errors}`);
  if (Number.isNaN(savedMs)) throw new Error(`${words.join(' ')} did not report a saved model`);
  return savedMs;
}

/** What PyTorch reached after an epoch of Adam at 0.001, on all test images; the time counts from process start. */
export interface TorchEpoch {
  readonly epoch: number;
  readonly seconds: number;
  /** 0 to 1. */
  readonly accuracy: number;
}

/** Plain epochs of `cnn` in PyTorch: bench/rivals/torch_epochs.py. */
export async function runTorchEpochs(
  { dataDir, folder, threads, setting }: JobOptions,
  epochs: number,
): Promise<readonly TorchEpoch[]> {
  const { python, cache } = provideRival('torch', console.log);
  const script = fileURLToPath(new URL('rivals/torch_epochs.py', import.meta.url));
  writeNetwork(folder, findArchitecture('cnn'));
  const { stdout } = await promisify(execFile)(
    python,
    [script, dataDir, folder, String(threads), setting, String(epochs)],
    { env: { ...process.env, TORCHINDUCTOR_CACHE_DIR: cache } },
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TorchEpoch); // as the script prints them
}
