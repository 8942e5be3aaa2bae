/**
 * Trains with a fault at one call of node:fs on the model folder, for each call until there are no more: the program must end with
 * its words, lose nothing that it told as saved, and go on to the end of a run without a fault.
 *
 *     npm run soak -- faults [--every 1] [--first 1] [--epochs 2] [--errno ENOSPC,EDQUOT,EIO,EACCES,EROFS,EMFILE,KILL]
 *         [--mode once,forever] [--lanes 2]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { hasRun } from '../../src/run/run-config.ts';
import { type CliResult, preload, runProgram } from '../support/program.ts';
import {
  acknowledgedStep,
  fingerprint,
  goOn,
  listLeftOver,
  prepareTinyTraining,
} from '../support/tiny-training.ts';
import { inLanes, reportSoak, type SoakResult } from './result.ts';

/** Which calls fail, and how. */
export interface FaultsPlan {
  readonly folder: string;
  /** The first call that fails, and how many calls lie between it and the next that is tried. */
  readonly first: number;
  readonly every: number;
  /** Each of three steps, with one checkpoint. */
  readonly epochs: number;
  readonly errnos: readonly string[];
  readonly modes: readonly string[];
  readonly lanes: number;
  readonly say?: (text: string) => void;
}

/** One trial: call number `at` fails, with `forever` all later ones, too. */
interface Fault {
  readonly at: number;
  readonly errno: string;
  readonly forever: boolean;
}

/** The trial with its words. */
export async function soakFaults(words: readonly string[]): Promise<SoakResult> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      every: { type: 'string', default: '1' },
      first: { type: 'string', default: '1' },
      epochs: { type: 'string', default: '2' },
      errno: { type: 'string', default: 'ENOSPC,EDQUOT,EIO,EACCES,EROFS,EMFILE,KILL' },
      mode: { type: 'string', default: 'once,forever' },
      lanes: { type: 'string', default: '2' },
    },
  });
  const [errnos, modes] = [values.errno.split(','), values.mode.split(',')];
  const [every, first] = [Number(values.every), Number(values.first)];
  const [epochs, lanes] = [Number(values.epochs), Number(values.lanes)];
  const plan = { every, first, epochs, lanes, errnos, modes, say: console.log };
  return reportSoak('faults', (folder) => failEachCall({ folder, ...plan }));
}

/** Fails one call after the other until a training makes fewer than that. */
export async function failEachCall(plan: FaultsPlan): Promise<SoakResult> {
  const { folder, first, every, epochs, errnos, modes, lanes, say } = plan;
  const lost: string[] = [];
  const tried = { trials: 0, 'calls in the longest training': 0, 'trials in which the program succeeded': 0 };
  const words = prepareTinyTraining(folder, [`--epochs=${epochs}`, '--eval-every=3', '--keep=2', '-q']);
  await runProgram(words, { cwd: folder });
  const whole = JSON.stringify(fingerprint(path.join(folder, 'net')));
  const kinds = errnos.flatMap((errno) =>
    (errno === 'KILL' ? ['once'] : modes).map((mode) => ({ errno, mode })),
  );
  for (const { errno, mode } of kinds) {
    let next = first;
    let isPast = false;
    await inLanes(lanes, async () => {
      while (!isPast) {
        const fault = { at: next, errno, forever: mode === 'forever' };
        next += every;
        const cwd = path.join(folder, `${errno}-${mode}-${fault.at}`);
        const { calls, hasHit, problems, exit } = await tryFault(cwd, words, { fault, whole });
        fs.rmSync(cwd, { recursive: true });
        for (const problem of problems) lost.push(`${errno} ${mode} at call ${fault.at}: ${problem}`);
        tried['calls in the longest training'] = Math.max(tried['calls in the longest training'], calls);
        if (hasHit) tried.trials++;
        else isPast = true;
        if (hasHit && exit === 0) tried['trials in which the program succeeded']++;
      }
    });
    say?.(`  ${errno} ${mode}, each ${every}th call up to ${next - every}, lost ${lost.length}`);
  }
  return { seed: 0, tried, lost };
}

async function tryFault(
  cwd: string,
  words: readonly string[],
  { fault, whole }: { readonly fault: Fault; readonly whole: string },
) {
  fs.mkdirSync(cwd);
  const net = path.join(cwd, 'net');
  const report = path.join(cwd, 'calls.json');
  const env = { FAULT: JSON.stringify({ folder: net, ...fault, report }) };
  const result = await runProgram(words, { cwd, env, nodeFlags: preload('fail-at-call') });
  const calls: readonly string[] = fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : [];
  const hasHit = fault.errno === 'KILL' ? result.signal === 'SIGKILL' : calls.length >= fault.at;
  const problems = fault.errno === 'KILL' ? [] : findWrongWords(result, hasHit ? fault.errno : '');
  const saved = acknowledgedStep(net);
  const newest = newestStep(net);
  if (newest < saved) problems.push(`reported ${saved} as saved, the newest checkpoint is of step ${newest}`);
  try {
    await goOn(cwd, hasRun(net) ? ['train', '--resume', 'net'] : words.filter((word) => word !== '-q'));
    if (JSON.stringify(fingerprint(net)) !== whole) problems.push('the end differs from that of a whole run');
  } catch (error) {
    problems.push(String(error));
  }
  const leftOver = listLeftOver(net);
  if (leftOver.length > 0) problems.push(`left over: ${leftOver.join(', ')}`);
  return { calls: calls.length, hasHit, problems, exit: result.exit };
}

/** What is wrong with how a run ended; a fault that takes nothing away may pass without a word. */
function findWrongWords({ exit, signal, stderr }: CliResult, errno: string): string[] {
  const problems: string[] = [];
  if (/^\s+at /m.test(stderr)) problems.push(`a stack trace: ${stderr}`);
  if (exit === 0) return problems;
  if (exit === null || ![66, 73, 74].includes(exit)) problems.push(`ended with ${exit ?? signal}`);
  const first = /^mnist-cnn: (?!warning).*$/m.exec(stderr)?.[0] ?? '';
  if (!first.includes(`(${errno})`)) problems.push(`said: ${stderr}`);
  return problems;
}

function newestStep(net: string): number {
  try {
    return loadNewestCheckpoint(path.join(net, 'checkpoints')).state.step;
  } catch {
    return 0;
  }
}
