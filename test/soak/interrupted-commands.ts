import fs from 'node:fs';
import path from 'node:path';
import { createSmallDatabase } from '../../packages/mnist-dataset-loader/test/support/digits.ts';
import { openMirror } from '../../packages/mnist-dataset-loader/test/support/open-mirror.ts';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { runProgram } from '../support/program.ts';
import { writeDigits } from '../support/write-digits.ts';
import { manyDigits } from './full-epoch.ts';

/** A command that is interrupted, and when. */
export interface InterruptedCommand {
  readonly name: string;
  readonly words: readonly string[];
  /** From when on; from its start unless told. */
  readonly cue?: string;
  readonly startMs?: number;
  /** So long after that. */
  readonly spreadMs: number;
  /** In which it must have ended. */
  readonly endMs: number;
  /** What is not as it should be afterwards. */
  readonly check: (cwd: string, text: string) => readonly string[];
}

/** Prepares what the commands work on in a folder, a slow mirror among it, which the caller closes. */
export async function prepareCommands(
  folder: string,
): Promise<{ readonly commands: readonly InterruptedCommand[]; readonly close: () => Promise<void> }> {
  const inFolder = (name: string) => path.join(folder, name);
  fs.mkdirSync(inFolder('pictures'), { recursive: true });
  const picture = encodePng(drawSeven(48, 60));
  for (let index = 0; index < 1000; index++) fs.writeFileSync(inFolder(`pictures/${index}.png`), picture);
  writeDigits(inFolder('digits'), 100, 20);
  const first = [
    'train',
    `--dataset=${inFolder('digits')}`,
    '--max-steps=1',
    '--batch-size=20',
    '--out=net',
    '-q',
  ];
  const { exit, stderr } = await runProgram(first, { cwd: folder });
  if (exit !== 0) throw new Error(`the model was not trained: ${stderr}`);
  const mirror = await openMirror(createSmallDatabase().payloads, () => ({ type: 'crawl', afterBytes: 10 }));
  const train = ['train', ...manyDigits, '--epochs=1000', '--out=run'];
  const model = `--model=${inFolder('net')}`;
  const commands: readonly InterruptedCommand[] = [
    { name: 'train', words: train, cue: '| loss', spreadMs: 1500, endMs: 10_000, check: checkSaved },
    {
      name: 'loading',
      words: train,
      cue: 'steps per epoch',
      spreadMs: 300,
      endMs: 10_000,
      check: checkSaved,
    },
    {
      name: 'eval',
      words: ['eval', model, ...manyDigits, '--out-dir=results'],
      startMs: 100,
      spreadMs: 800,
      endMs: 1000,
      check: (cwd) => checkNothing(cwd, 'results'),
    },
    {
      name: 'predict',
      words: ['predict', model, inFolder('pictures')],
      startMs: 100,
      spreadMs: 1500,
      endMs: 1000,
      check: () => [],
    },
    {
      name: 'download',
      words: ['download', '--data-dir=data', `--mirror=${mirror.address}`],
      cue: '%',
      spreadMs: 500,
      endMs: 1000,
      check: (cwd) => checkNothing(cwd, 'data'),
    },
  ];
  return { commands, close: mirror.close };
}

/** The step that was told as saved is there, whole; where nothing was told, nothing was trained. */
function checkSaved(cwd: string, text: string): readonly string[] {
  const [, told] = /saved at step (\d+) of/.exec(text) ?? [];
  if (told === undefined) {
    const hasBegun = fs.existsSync(path.join(cwd, 'run', 'log.jsonl'));
    return hasBegun && !text.includes('stopped before the first of ') ? [`said: ${text}`] : [];
  }
  const { state, skipped } = loadNewestCheckpoint(path.join(cwd, 'run', 'checkpoints'));
  return state.step === Number(told) && skipped.length === 0
    ? []
    : [`reported step ${told} as saved, found ${state.step}`];
}

function checkNothing(cwd: string, name: string): readonly string[] {
  return fs.existsSync(path.join(cwd, name))
    ? [`left over: ${fs.readdirSync(path.join(cwd, name)).join(', ')}`]
    : [];
}
