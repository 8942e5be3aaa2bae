/**
 * Kills a training by kill -9 at random times, uniform over the time that a whole one takes, and goes on with it, again and again:
 * each restart must stand at or after the last step that was told as saved, and the end must be that of a run that was never killed.
 *
 *     npm run soak -- kills [--cycles 1000] [--minutes 1000] [--epochs 80] [--lanes 2] [--seed 0]
 */
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { random } from '../../src/core/random.ts';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { hasRun } from '../../src/run/run-config.ts';
import { type CliResult, runProgram } from '../support/program.ts';
import { acknowledgedStep, fingerprint, goOn, prepareTinyTraining } from '../support/tiny-training.ts';
import { inLanes, reportSoak, type SoakResult } from './result.ts';

/** How many kills, in how many trainings at once, in which folder. */
export interface KillsPlan {
  readonly folder: string;
  readonly cycles: number;
  /** After which no kill comes any more. */
  readonly minutes: number;
  /** Of 30 steps, in each a checkpoint every 5. */
  readonly epochs: number;
  readonly lanes: number;
  readonly seed: number;
  readonly say?: (text: string) => void;
}

/** The trial with its words. */
export async function soakKills(words: readonly string[]): Promise<SoakResult> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      cycles: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '1000' },
      epochs: { type: 'string', default: '80' },
      lanes: { type: 'string', default: '2' },
      seed: { type: 'string', default: '0' },
    },
  });
  const plan = {
    cycles: Number(values.cycles),
    minutes: Number(values.minutes),
    epochs: Number(values.epochs),
    lanes: Number(values.lanes),
    seed: Number(values.seed),
  };
  return reportSoak('kills', (folder) => killAtRandom({ folder, ...plan, say: console.log }));
}

/** Kills and goes on until so many kills have hit. */
export async function killAtRandom(plan: KillsPlan): Promise<SoakResult> {
  const { folder, cycles, minutes, epochs, lanes, seed, say } = plan;
  const lost: string[] = [];
  const tried = { kills: 0, 'runs to the end': 0, 'kills before the first save': 0 };
  const steps = [`--epochs=${epochs}`, '--batch-size=2', '--checkpoint-every=5', '--eval-every=1000000'];
  const words = prepareTinyTraining(folder, steps);
  const startedMs = performance.now();
  const elapsedMs = () => performance.now() - startedMs;
  await goOn(folder, words);
  const wholeMs = elapsedMs();
  const whole = JSON.stringify(fingerprint(path.join(folder, 'net')));

  await inLanes(lanes, async (lane) => {
    const numbers = random(seed, 'kills', lane);
    const cwd = path.join(folder, `lane-${lane}`);
    const net = path.join(cwd, 'net');
    fs.mkdirSync(cwd);
    let saved = 0;
    const note = (what: string) => lost.push(`lane ${lane}, kill ${tried.kills}, saved ${saved}: ${what}`);
    const finish = () => {
      if (JSON.stringify(fingerprint(net)) !== whole) note('the end differs from that of a whole run');
      fs.rmSync(net, { recursive: true });
      tried['runs to the end']++;
      saved = 0;
    };
    while (tried.kills < cycles && elapsedMs() < minutes * 60_000) {
      const isResumed = hasRun(net);
      const given = isResumed ? ['train', '--resume', 'net'] : words;
      const result = await runForAWhile(cwd, given, numbers.uniform() * wholeMs);
      const problem = isResumed ? findWrongStart(result, saved) : undefined;
      if (problem !== undefined) note(problem);
      if (result.signal !== 'SIGKILL') {
        if (result.exit === 0) finish();
        else note(`exit ${result.exit}: ${result.stderr}`);
        continue;
      }
      if (++tried.kills % 50 === 0) say?.(`  ${tried.kills} kills, lost ${lost.length}`);
      saved = Math.max(saved, acknowledgedStep(net));
      if (saved === 0) tried['kills before the first save']++;
      const newest = newestStep(net);
      if (newest < saved) note(`the newest checkpoint is of step ${newest}`);
    }
    if (!hasRun(net)) return;
    await goOn(cwd, ['train', '--resume', 'net']);
    finish();
  });
  return { seed, tried, lost };
}

function runForAWhile(cwd: string, words: readonly string[], ms: number): Promise<CliResult> {
  let timer: NodeJS.Timeout | undefined;
  const onStart = (child: ChildProcess) => {
    timer = setTimeout(() => child.kill('SIGKILL'), ms);
  };
  return runProgram(words, { cwd, onStart }).finally(() => clearTimeout(timer));
}

/** What is wrong with where a run went on; nothing where it was killed before it said so. */
function findWrongStart({ stderr }: CliResult, saved: number): string | undefined {
  if (stderr.includes('no checkpoint yet')) return saved === 0 ? undefined : 'the run started over';
  const [, text] = /^resuming after step (\d+)$/m.exec(stderr) ?? [];
  return text === undefined || Number(text) >= saved ? undefined : `it resumed after step ${text}`;
}

function newestStep(net: string): number {
  try {
    return loadNewestCheckpoint(path.join(net, 'checkpoints')).state.step;
  } catch {
    return 0;
  }
}
