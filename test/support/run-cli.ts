import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { type CliOptions, type CliResult, runProgram } from './program.ts';

export { type CliOptions, type CliResult, preload, programFile } from './program.ts';

/** Runs the built program with these words, in a fresh folder unless one is given, and waits for its end. */
export function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runProgram(words, { ...options, cwd: options.cwd ?? createTempFolder() });
}

const folders: string[] = [];

/** A new empty folder that is gone after the tests of the file. */
export function createTempFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-test-'));
  folders.push(folder);
  return folder;
}

/** The same in memory where the system has that: thousands of calls that wait for a disk take minutes. */
export function createMemoryFolder(): string {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return createTempFolder();
  const folder = mkdtempSync(path.join(memory, 'mnist-cnn-test-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
