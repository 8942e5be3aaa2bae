/**
 * Trains the same several times: with one seed all runs must have the same bits, with another seed other ones. Numbers of threads are
 * compared, too, which is told and not asked for.
 *
 *     npm run soak -- determinism [--runs 5] [--epochs 4] [--kernels fused,stock] [--full 5] [--threads 1,2,4]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hashRun } from '../support/run-hash.ts';
import { goOn } from '../support/tiny-training.ts';
import { manyDigits } from './full-epoch.ts';
import { reportSoak, type SoakResult } from './result.ts';
import { prepareSmallTraining, type SoakKernels } from './small-training.ts';

/** One training, and how often it is done. */
export interface DeterminismPlan {
  readonly folder: string;
  /** What it is called in the result. */
  readonly name: string;
  /** Without seed and threads. */
  readonly words: readonly string[];
  readonly runs: number;
  readonly threads: readonly number[];
  readonly say?: (text: string) => void;
}

/** The trial with its words. */
export async function soakDeterminism(words: readonly string[]): Promise<SoakResult> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      runs: { type: 'string', default: '5' },
      epochs: { type: 'string', default: '4' },
      kernels: { type: 'string', default: 'fused,stock' },
      full: { type: 'string', default: '5' },
      threads: { type: 'string', default: '1,2,4' },
    },
  });
  const threads = values.threads.split(',').map(Number);
  return reportSoak('determinism', async (folder) => {
    const parts: SoakResult[] = [];
    for (const kernels of values.kernels.split(',').filter(isKernels)) {
      const small = prepareSmallTraining(folder, kernels, [`--epochs=${values.epochs}`]);
      const full = ['train', ...manyDigits, '--out=net', `--kernels=${kernels}`];
      const plans = [
        { name: `convnet, ${kernels}`, words: small, runs: Number(values.runs) },
        { name: `one epoch, ${kernels}`, words: full, runs: Number(values.full) },
      ];
      for (const plan of plans)
        if (plan.runs > 0)
          parts.push(
            await trainAlike({ folder: path.join(folder, plan.name), threads, say: console.log, ...plan }),
          );
    }
    return {
      seed: 0,
      tried: Object.assign({}, ...parts.map(({ tried }) => tried)),
      lost: parts.flatMap(({ lost }) => lost),
    };
  });
}

/** Trains with seed 0, seed 7 and several numbers of threads, so many times each, and compares the bits. */
export async function trainAlike(plan: DeterminismPlan): Promise<SoakResult> {
  const { folder, name, words, runs, threads, say } = plan;
  const lost: string[] = [];
  fs.mkdirSync(folder, { recursive: true });
  const train = async (seed: number, more: readonly string[] = []) => {
    await goOn(folder, [...words, `--seed=${seed}`, ...more]);
    const { weights, optimizer, table } = hashRun(path.join(folder, 'net'));
    fs.rmSync(path.join(folder, 'net'), { recursive: true });
    return `${weights} ${optimizer} ${table}`;
  };
  const hashes = new Map<number, string>();
  let alike = 0;
  for (const seed of [0, 7]) {
    for (let run = 1; run <= runs; run++) {
      const hash = await train(seed);
      const first = hashes.get(seed) ?? hash;
      hashes.set(seed, first);
      if (hash === first) alike++;
      else lost.push(`${name}, seed ${seed}, run ${run}: not the same bits as the first`);
    }
  }
  if (hashes.get(0) === hashes.get(7)) lost.push(`${name}: seeds 0 and 7 give the same bits`);
  const byThreads = new Map<string, number[]>();
  for (const count of threads) {
    const hash = await train(0, [`--threads=${count}`]);
    byThreads.set(hash, [...(byThreads.get(hash) ?? []), count]);
  }
  const groups = [...byThreads.values()].map((counts) => counts.join(' = ')).join(' != ');
  say?.(
    `  ${name}: ${alike} of ${2 * runs} runs have the bits of the first of their seed; threads ${groups}`,
  );
  return {
    seed: 0,
    tried: {
      [`runs of two seeds with the same bits (${name})`]: alike,
      [`different results of ${threads.length} numbers of threads (${name})`]: byThreads.size,
    },
    lost,
  };
}

function isKernels(text: string): text is SoakKernels {
  return text === 'fused' || text === 'stock';
}
