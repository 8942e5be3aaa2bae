import { type CliResult, runProgram } from '../support/program.ts';

/** When a run of the program is stopped, and how. */
export interface Stop {
  readonly signal: NodeJS.Signals;
  /** The signal comes so many milliseconds after one of these words shows on stderr. */
  readonly cues: readonly string[];
  readonly afterMs: number;
}

/** The signals of the stops, each as often as the others. */
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

/** Runs the program and stops it; it may end by itself before. */
export async function runAndStop(
  cwd: string,
  words: readonly string[],
  { signal, cues, afterMs }: Stop,
): Promise<CliResult> {
  let timer: NodeJS.Timeout | undefined;
  const result = await runProgram(words, {
    cwd,
    onStderr: (text, child) => {
      if (timer !== undefined || !cues.some((cue) => text.includes(cue))) return;
      timer = setTimeout(() => child.kill(signal), afterMs);
    },
  });
  clearTimeout(timer);
  return result;
}

/** How long a training takes from its first log point to its last words, in milliseconds, and how it ended. */
export async function timeWholeRun(cwd: string, words: readonly string[]): Promise<number> {
  let startMs = Number.NaN;
  let endMs = Number.NaN;
  const { exit, stderr } = await runProgram(words, {
    cwd,
    onStderr: (text) => {
      if (Number.isNaN(startMs) && text.includes('\nstep 0/')) startMs = performance.now();
      if (Number.isNaN(endMs) && text.includes('\nnext: ')) endMs = performance.now();
    },
  });
  if (exit !== 0) throw new Error(`a run that nothing happened to ended with ${exit}\n${stderr}`);
  return endMs - startMs;
}
