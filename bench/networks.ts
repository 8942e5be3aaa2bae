/**
 * Steps of training of many networks: ours as `train` runs them by default, beside PyTorch at its better setting and stock
 * tfjs-node. bench/network-list.ts lists the networks.
 *
 *     npm run bench -- networks [--only cnn,lenet-5] [--rounds 15] [--steps N] [--threads 2,1] [--data data] [--out FILE] [--quick]
 *
 * A turn has as many steps as take half a second, or `--steps`. With `--quick` PyTorch does not compile.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Architecture } from '../src/model/architectures.ts';
import {
  type Contestant,
  compareSteps,
  createRival,
  measureSteps,
  ours,
  type Runner,
  startFastest,
  startRunner,
  stock,
  type Turns,
  withRunner,
} from './contestants.ts';
import { batchSize, learningRate, writeInputs } from './inputs.ts';
import { describeMachine } from './machine.ts';
import { loadNetworks } from './network-list.ts';
import { formatNetworks, type NetworkRow } from './network-table.ts';
import type { Patience } from './strangers.ts';

interface NetworksOptions {
  readonly rounds: number;
  /** Of a turn. */
  readonly steps: number | undefined;
  readonly dataDir: string;
  readonly patience: Patience;
}

/** Rounding differences grow from step to step, faster the wider a network is. */
const checkedSteps = 5;
const turnMs = 500;
/** Of a turn in which settings are compared, if `--steps` does not say it. */
const trialSteps = 50;

/** Measures, prints a table for each number of threads and writes all as JSON. @throws Error where the first losses differ. */
export async function benchNetworks(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      steps: { type: 'string' },
      threads: { type: 'string', default: '2,1' },
      data: { type: 'string', default: 'data' },
      out: { type: 'string', default: 'bench/results/networks.json' },
      quick: { type: 'boolean', default: false },
    },
  });
  const options: NetworksOptions = {
    rounds: Number(values.rounds ?? (values.quick ? 3 : 15)),
    steps: values.steps === undefined ? undefined : Number(values.steps),
    dataDir: values.data,
    patience: { leftMs: values.quick ? 20_000 : 300_000 },
  };
  const startMs = performance.now();
  const networks = await loadNetworks(values.only?.split(','));
  const torch = createRival('torch', values.quick, console.log);
  // Eager and compiled, both with the fused Adam.
  const settings = torch.settings.filter((setting) => setting.endsWith('channels-last'));
  const machine = describeMachine();
  console.log(machine);
  const versions = new Set<string>();
  const tables: { readonly threads: number; readonly rows: NetworkRow[] }[] = [];
  fs.mkdirSync(path.dirname(values.out), { recursive: true });
  for (const threads of values.threads.split(',').map(Number)) {
    const rows: NetworkRow[] = [];
    tables.push({ threads, rows });
    console.log(`\n${threads} ${threads === 1 ? 'thread' : 'threads'}`);
    for (const architecture of networks) {
      const rivals = { torch: { ...torch, settings }, threads, versions };
      rows.push(await measureNetwork(architecture, rivals, options));
      // After each network, so that what was measured outlives a run that ends early.
      const date = new Date().toISOString();
      const taken = { date, machine, versions: [...versions], batchSize, learningRate, options, tables };
      fs.writeFileSync(values.out, `${JSON.stringify(taken, null, 1)}\n`);
    }
    console.log(formatNetworks(rows));
  }
  console.log(`versions: ${[...versions].join('; ')}`);
  console.log(`${Math.round((performance.now() - startMs) / 1000)} s; written to ${values.out}`);
}

async function measureNetwork(
  architecture: Architecture,
  rivals: { readonly torch: Contestant; readonly threads: number; readonly versions: Set<string> },
  { rounds, steps, dataDir, patience }: NetworksOptions,
): Promise<NetworkRow> {
  const { torch, threads, versions } = rivals;
  const { name } = architecture;
  const folder = await writeInputs(dataDir, architecture);
  try {
    console.log(name);
    const grounds = { folder, threads, patience, say: console.log, checkedSteps };
    return await withRunner(startRunner(ours, 'auto', grounds), async (own) => {
      const against = { ...grounds, expected: own.losses, steps: steps ?? trialSteps };
      const ownTurns = await chooseTurns(own, steps);
      const compare = async (rival: Runner) => {
        for (const { version } of [own, rival]) versions.add(version);
        const rivalTurns = await chooseTurns(rival, steps);
        return {
          setting: rival.setting,
          ...(await compareSteps(ownTurns, rivalTurns, { rounds, patience })),
        };
      };
      // Stock first: where the losses differ, it says which of the other two is wrong.
      const stockComparison = await withRunner(startRunner(stock, 'stock', against), compare);
      const { setting, ...torchComparison } = await withRunner(startFastest(torch, against), compare);
      const { peakMiB = Number.NaN } = await own.worker.ask({ type: 'train', steps: 1 });
      return { network: name, setting, torch: torchComparison, stock: stockComparison, peakMiB };
    });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** So many steps that a turn takes about `turnMs`, unless their number is given. */
async function chooseTurns(runner: Runner, given: number | undefined): Promise<Turns> {
  if (given !== undefined) return { runner, steps: given };
  // The second turn is warm.
  await measureSteps(runner, 5);
  const ms = await measureSteps(runner, 20);
  return { runner, steps: Math.max(5, Math.round(turnMs / ms)) };
}
