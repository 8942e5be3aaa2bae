/**
 * Presses Ctrl-C in a terminal at random times of several commands, and measures how long the first words and the end take.
 *
 *     npm run soak -- interrupts [--times 100] [--commands train,loading,eval,predict,download] [--words-ms 200] [--seed 0]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { random } from '../../src/core/random.ts';
import { runInTerminal, type Terminal } from '../support/terminal.ts';
import { type InterruptedCommand, prepareCommands } from './interrupted-commands.ts';
import { reportSoak, type SoakResult } from './result.ts';

/** How often Ctrl-C is pressed in which commands, and how soon they must answer. */
export interface InterruptsPlan {
  readonly folder: string;
  readonly times: number;
  readonly commands: readonly string[];
  /** In which a command that listens must have said something. */
  readonly wordsMs: number;
  readonly seed: number;
  readonly say?: (text: string) => void;
}

/** The trial with its words. */
export async function soakInterrupts(words: readonly string[]): Promise<SoakResult> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      times: { type: 'string', default: '100' },
      commands: { type: 'string', default: 'train,loading,eval,predict,download' },
      'words-ms': { type: 'string', default: '200' },
      seed: { type: 'string', default: '0' },
    },
  });
  const plan = {
    times: Number(values.times),
    commands: values.commands.split(','),
    wordsMs: Number(values['words-ms']),
    seed: Number(values.seed),
  };
  return reportSoak('interrupts', (folder) => interruptCommands({ folder, ...plan, say: console.log }));
}

/** Interrupts each command so many times. */
export async function interruptCommands(plan: InterruptsPlan): Promise<SoakResult> {
  const { folder, times, wordsMs, seed, say } = plan;
  const lost: string[] = [];
  const tried: Record<string, number> = {};
  const { commands, close } = await prepareCommands(folder);
  try {
    for (const command of commands.filter(({ name }) => plan.commands.includes(name))) {
      const numbers = random(seed, `interrupts ${command.name}`);
      const answers: number[] = [];
      const ends: number[] = [];
      while (ends.length < times) {
        const cwd = path.join(folder, 'now');
        fs.mkdirSync(cwd);
        const { exit, text, answerMs, endMs } = await interrupt(command, cwd, numbers.uniform());
        const note = (what: string) => lost.push(`${command.name}, ${ends.length}: ${what}`);
        // A command that had just ended there was nothing to interrupt in, and is run again.
        if (exit !== 0) {
          if (exit !== 130) note(`ended with ${exit}: ${text}`);
          if (answerMs > wordsMs) note(`the first words came after ${Math.round(answerMs)} ms`);
          if (endMs > command.endMs) note(`the end came after ${Math.round(endMs)} ms`);
          for (const problem of command.check(cwd, text)) note(problem);
          answers.push(answerMs);
          ends.push(endMs);
        }
        fs.rmSync(cwd, { recursive: true });
      }
      const figures = { 'the first words': summarize(answers), 'the end': summarize(ends) };
      tried[`Ctrl-C in ${command.name}`] = times;
      for (const [what, { half, most, longest }] of Object.entries(figures)) {
        tried[`ms to ${what} of ${command.name} (p50)`] = half;
        tried[`ms to ${what} of ${command.name} (p99)`] = most;
        tried[`ms to ${what} of ${command.name} (longest)`] = longest;
        say?.(`  ${command.name}, ms to ${what}: p50 ${half}, p99 ${most}, longest ${longest}`);
      }
    }
  } finally {
    await close();
  }
  return { seed, tried, lost };
}

/** Runs a command and presses Ctrl-C at a part, 0 to 1, of the time in which that is of interest. */
async function interrupt(
  { words, cue, spreadMs, startMs = 0 }: InterruptedCommand,
  cwd: string,
  part: number,
) {
  let sentMs = Number.NaN;
  let answeredMs = Number.NaN;
  let isPlanned = false;
  const plan = (terminal: Terminal) => {
    isPlanned = true;
    setTimeout(
      () => {
        sentMs = performance.now();
        terminal.pressCtrlC();
      },
      startMs + part * spreadMs,
    );
  };
  const { exit, text } = await runInTerminal(words, {
    cwd,
    onStart: (terminal) => {
      if (cue === undefined) plan(terminal);
    },
    onText: (shown, terminal) => {
      if (!isPlanned && cue !== undefined && shown.includes(cue)) plan(terminal);
      if (Number.isNaN(answeredMs) && shown.includes('Stopping')) answeredMs = performance.now();
    },
  });
  const endedMs = performance.now();
  // Who listens to no signal is ended by it without a word: that is the answer then.
  const answerMs = (Number.isNaN(answeredMs) ? endedMs : answeredMs) - sentMs;
  return { exit, text, answerMs, endMs: endedMs - sentMs };
}

function summarize(values: readonly number[]) {
  const rising = values.map(Math.round).toSorted((left, right) => left - right);
  const rank = (part: number) => rising[Math.max(0, Math.ceil(part * rising.length) - 1)] ?? 0;
  return { half: rank(0.5), most: rank(0.99), longest: rank(1) };
}
