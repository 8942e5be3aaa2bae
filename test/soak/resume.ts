/**
 * Stops trainings by Ctrl-C, SIGTERM and kill -9 at random times, and goes on with them: weights, optimizer state and table of scores
 * must have the bits of a run that was never stopped, and the weights other ones where the optimizer state is taken away. Then one
 * epoch of 60,000 images, with several stops in one run.
 *
 *     npm run soak -- resume [--stops 200] [--stock 50] [--full 5] [--lanes 2] [--seed 0]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Random, random } from '../../src/core/random.ts';
import { loadNewestCheckpoint, saveCheckpoint } from '../../src/run/checkpoint.ts';
import { hashRun } from '../support/run-hash.ts';
import { goOn } from '../support/tiny-training.ts';
import { stopFullEpoch } from './full-epoch.ts';
import { inLanes, reportSoak, type SoakResult } from './result.ts';
import { prepareSmallTraining, type SoakKernels } from './small-training.ts';
import { runAndStop, stopSignals, timeWholeRun } from './stopped-run.ts';

/** How many stops, in how many trainings at once. */
export interface ResumePlan {
  readonly folder: string;
  readonly stops: number;
  readonly kernels: SoakKernels;
  /** Each of 25 steps. */
  readonly epochs: number;
  readonly lanes: number;
  readonly seed: number;
}

/** The trial with its words. */
export async function soakResume(words: readonly string[]): Promise<SoakResult> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      stops: { type: 'string', default: '200' },
      stock: { type: 'string', default: '50' },
      full: { type: 'string', default: '5' },
      lanes: { type: 'string', default: '2' },
      seed: { type: 'string', default: '0' },
    },
  });
  const [stops, stock, full] = [Number(values.stops), Number(values.stock), Number(values.full)];
  const [lanes, seed] = [Number(values.lanes), Number(values.seed)];
  return reportSoak('resume', async (folder) => {
    const plan = { epochs: 4, lanes, seed };
    const parts = [
      await stopAndGoOn({
        ...plan,
        folder: path.join(folder, 'fused'),
        kernels: 'fused',
        stops: stops - stock,
      }),
      await stopAndGoOn({ ...plan, folder: path.join(folder, 'stock'), kernels: 'stock', stops: stock }),
      await stopFullEpoch({ folder: path.join(folder, 'full'), stops: full, seed }),
    ];
    return {
      seed,
      tried: Object.assign({}, ...parts.map(({ tried }) => tried)),
      lost: parts.flatMap(({ lost }) => lost),
    };
  });
}

/** Stops a small training and goes on, so many times: a convolution, dropout, Adam, validation and a falling rate. */
export async function stopAndGoOn(plan: ResumePlan): Promise<SoakResult> {
  const { folder, stops, kernels, epochs, lanes, seed } = plan;
  const lost: string[] = [];
  fs.mkdirSync(folder, { recursive: true });
  const ended = { SIGINT: 0, SIGTERM: 0, SIGKILL: 0, weightsAlone: 0, otherWeights: 0 };
  if (stops === 0) return { seed, tried: {}, lost };
  const words = prepareSmallTraining(folder, kernels, [`--epochs=${epochs}`, '--threads=1']);
  const wholeMs = await timeWholeRun(folder, words);
  const whole = hashRun(path.join(folder, 'net'));
  let begun = 0;
  await inLanes(lanes, async (lane) => {
    const numbers = random(seed, `resume ${kernels}`, lane);
    while (begun < stops) {
      const number = ++begun;
      const cwd = path.join(folder, String(number));
      const net = path.join(cwd, 'net');
      const note = (what: string) => lost.push(`${kernels}, stop ${number}: ${what}`);
      fs.mkdirSync(cwd);
      const signal = stopSignals[number % stopSignals.length] ?? 'SIGINT';
      const problem = await stopUntilHit(cwd, words, { signal, numbers, wholeMs });
      ended[signal]++;
      if (problem !== undefined) note(problem);
      const forgetful = path.join(cwd, 'forgetful');
      const isForgetful = forgetOptimizer(net, forgetful);
      try {
        await goOn(cwd, ['train', '--resume', 'net']);
        const resumed = hashRun(net);
        for (const part of ['weights', 'optimizer', 'table'] as const)
          if (resumed[part] !== whole[part])
            note(`${part}: not bit-identical to the run without the stop (${signal})`);
        if (!isForgetful) continue;
        await goOn(cwd, ['train', '--resume', 'forgetful']);
        ended.weightsAlone++;
        // The best weights by validation may be those of a step before the stop.
        const forgot = hashRun(forgetful);
        if (forgot.weights !== whole.weights) ended.otherWeights++;
        else if (forgot.optimizer === whole.optimizer) note('the optimizer state made no difference');
      } catch (error) {
        note(String(error));
      } finally {
        fs.rmSync(cwd, { recursive: true });
      }
    }
  });
  const tried = {
    [`stops on ${kernels} ops by SIGINT`]: ended.SIGINT,
    [`on ${kernels} ops by SIGTERM`]: ended.SIGTERM,
    [`on ${kernels} ops by SIGKILL`]: ended.SIGKILL,
    [`of these on ${kernels} ops resumed from weights alone`]: ended.weightsAlone,
    [`of those on ${kernels} ops with different weights at the end`]: ended.otherWeights,
  };
  return { seed, tried, lost };
}

/** Trains until the stop hits: a run that ends before is done again. Tells what is wrong with how it ended. */
async function stopUntilHit(
  cwd: string,
  words: readonly string[],
  {
    signal,
    numbers,
    wholeMs,
  }: {
    readonly signal: NodeJS.Signals;
    readonly numbers: Random;
    readonly wholeMs: number;
  },
): Promise<string | undefined> {
  for (;;) {
    const afterMs = numbers.uniform() * wholeMs;
    const result = await runAndStop(cwd, words, { signal, cues: ['\nstep 0/'], afterMs });
    if (result.signal === signal) return undefined;
    if (result.exit !== 0) return `ended with ${result.exit ?? result.signal}: ${result.stderr}`;
    fs.rmSync(path.join(cwd, 'net'), { recursive: true });
  }
}

/** Copies a run without what its optimizer knew; tells whether it knew anything. */
function forgetOptimizer(net: string, copy: string): boolean {
  const checkpoints = path.join(net, 'checkpoints');
  // It may have been killed before its first checkpoint.
  if (!fs.existsSync(checkpoints) || !fs.readdirSync(checkpoints).some((name) => name.endsWith('.ckpt')))
    return false;
  const { state } = loadNewestCheckpoint(checkpoints);
  const optimizer = state.optimizer.map((array) => ({ ...array, values: array.values.map(() => 0) }));
  if (state.optimizer.every(({ values }) => values.every((value) => value === 0))) return false;
  fs.cpSync(net, copy, { recursive: true });
  saveCheckpoint(path.join(copy, 'checkpoints'), { ...state, optimizer }, 3);
  return true;
}
