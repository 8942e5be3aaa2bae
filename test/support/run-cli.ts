import { createTempFolder } from './folder.ts';
import { type CliOptions, type CliResult, runProgram } from './program.ts';

export { type CliOptions, type CliResult, preload, programFile } from './program.ts';

/** Runs the built program with these words, in a fresh folder unless one is given, and waits for its end. */
export function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runProgram(words, { ...options, cwd: options.cwd ?? createTempFolder() });
}
