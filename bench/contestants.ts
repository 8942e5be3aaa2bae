import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Comparison, comparePairs } from './compare.ts';
import { batchSize, learningRate } from './inputs.ts';
import { provideRival, type RivalName } from './rivals/setup.ts';
import { type Patience, waitForCalm } from './strangers.ts';
import { type Answer, type Program, startWorker, type Worker } from './worker.ts';

/** One that is measured: how it is started, and the ways to work that it has. */
export interface Contestant {
  readonly name: string;
  readonly program: Program;
  readonly settings: readonly string[];
}

/** A worker that has taken its first steps. */
export interface Runner {
  readonly name: string;
  readonly setting: string;
  readonly version: string;
  readonly worker: Worker;
  /** Of the first steps, without dropout. */
  readonly losses: readonly number[];
}

/** Where and how runners are started. */
export interface Grounds {
  readonly folder: string;
  readonly threads: number;
  readonly patience: Patience;
  readonly say: (line: string) => void;
}

const tolerance = 1e-4;

/** Ours: tfjs-node on our ops; `auto` where they support the network. */
export const ours: Contestant = { name: 'ours', program: tfjsProgram(), settings: ['fused', 'auto'] };

/** tfjs-node on TensorFlow's own ops. */
export const stock: Contestant = { name: 'stock tfjs-node', program: tfjsProgram(), settings: ['stock'] };

/** A rival with all its settings, or without those that compile for minutes. */
export function createRival(name: RivalName, isQuick: boolean, say: (line: string) => void): Contestant {
  const { python, cache } = provideRival(name, say);
  const script = fileURLToPath(new URL(`rivals/${name}_step.py`, import.meta.url));
  const environment = { TORCHINDUCTOR_CACHE_DIR: cache };
  const program = { command: python, words: [script], environment };
  if (name === 'keras') return { name: 'Keras', program, settings: ['graph', 'jit'] };
  const eager = ['eager', 'channels-last'];
  const settings = isQuick ? eager : [...eager, 'compile', 'compile-channels-last'];
  return { name: 'PyTorch', program, settings };
}

/** What a runner's first losses, without dropout, are compared with. */
export interface Check {
  readonly expected?: readonly number[];
  /** How many of them: 20 where it is not given. */
  readonly checkedSteps?: number;
}

/**
 * Starts a runner, compares its first losses with `expected`, and lets it take a few steps more, with dropout.
 *
 * @throws Error where one differs by more than 1e-4 of itself: then they do not do the same work.
 */
export async function startRunner(
  { name, program }: Contestant,
  setting: string,
  grounds: Grounds & Check,
): Promise<Runner> {
  const { folder, threads, expected, checkedSteps = 20 } = grounds;
  const worker = await startWorker(program, { folder, threads, setting, batchSize, learningRate });
  const { losses = [] } = await worker.ask({ type: 'train', steps: checkedSteps, withoutDropout: true });
  losses.forEach((loss, index) => {
    const wanted = expected?.[index] ?? loss;
    if (Math.abs(loss - wanted) <= tolerance * Math.abs(wanted)) return;
    worker.stop();
    throw new Error(`${name}, ${setting}: the loss of step ${index + 1} is ${loss}, ours is ${wanted}`);
  });
  await worker.ask({ type: 'train', steps: 3 });
  return { name, setting, version: worker.version, worker, losses };
}

/** Tries each setting of a rival for up to three turns and keeps the fastest one, warm. A setting that cannot run is reported and left out. */
export async function startFastest(
  contestant: Contestant,
  grounds: Grounds & Check & { readonly steps: number },
): Promise<Runner> {
  let best: { runner: Runner; ms: number } | undefined;
  for (const setting of contestant.settings) {
    let runner: Runner;
    try {
      runner = await startRunner(contestant, setting, grounds);
    } catch (error) {
      grounds.say(`  ${contestant.name}, ${setting}: left out: ${String(error).slice(-400)}`);
      continue;
    }
    await waitForCalm(grounds.patience);
    let ms = await measureSteps(runner, grounds.steps);
    // One that is far behind does not catch up.
    for (let turn = 0; turn < 2 && ms < 3 * (best?.ms ?? ms); turn++)
      ms = Math.min(ms, await measureSteps(runner, grounds.steps));
    grounds.say(`  ${contestant.name}, ${setting}: ${ms.toFixed(2)} ms a step`);
    const isFaster = best === undefined || ms < best.ms;
    (isFaster ? best?.runner : runner)?.worker.stop();
    if (isFaster) best = { runner, ms };
  }
  if (best === undefined) throw new Error(`${contestant.name}: no setting runs on this machine`);
  return best.runner;
}

/** Milliseconds a step over a turn. */
export async function measureSteps({ worker }: Runner, steps: number): Promise<number> {
  return (await worker.ask({ type: 'train', steps })).ms / steps;
}

/** A runner, and the steps of its turns. */
export interface Turns {
  readonly runner: Runner;
  readonly steps: number;
}

/** Milliseconds a step of both in pairs of turns, after a turn of each to warm up. */
export async function compareSteps(
  own: Turns,
  rival: Turns,
  how: { readonly rounds: number; readonly patience: Patience },
): Promise<Comparison> {
  const measureOwn = () => measureSteps(own.runner, own.steps);
  const measureRival = () => measureSteps(rival.runner, rival.steps);
  await measureOwn();
  await measureRival();
  return comparePairs(measureOwn, measureRival, how);
}

/** Uses a runner and stops it. */
export async function withRunner<Result>(
  starting: Promise<Runner>,
  use: (runner: Runner) => Promise<Result> | Result,
): Promise<Result> {
  const runner = await starting;
  try {
    return await use(runner);
  } finally {
    runner.worker.stop();
    // Its threads are gone before the next one is timed.
    await wait(200);
  }
}

/** Milliseconds an image over one pass of so many test images. */
export async function measureEvaluation(
  { worker }: Runner,
  images: number,
  imagesAtOnce: number,
): Promise<number> {
  const answer: Answer = await worker.ask({ type: 'evaluate', images, batchSize: imagesAtOnce });
  return answer.ms / images;
}

function tfjsProgram(): Program {
  const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'tfjs-worker.ts');
  // The arguments of this process have what makes Node read TypeScript.
  return { command: process.execPath, words: [...process.execArgv, script] };
}
