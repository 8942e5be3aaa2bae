import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** How a run of the real program ended. */
export interface CliResult {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What surrounds a run. */
export interface CliOptions {
  /** Another program than the command line itself. */
  readonly program?: string;
  /** The working folder; a fresh one unless given. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Flags for Node itself: `--import` of a preload. */
  readonly nodeFlags?: readonly string[];
  readonly input?: string;
  /** Called with all of stderr so far, each time that some comes. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

/** The built program, as `npm start` leaves it. */
export const programFile = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs the built program with these words and waits for its end. */
export function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const {
    program = programFile,
    cwd = createTempFolder(),
    env = {},
    nodeFlags = [],
    input,
    onStderr,
  } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeFlags, program, ...words], {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      onStderr?.(stderr, child);
    });
    child.stdin.on('error', () => {}); // it may end before it has read
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (exit, signal) => resolve({ exit, signal, stdout, stderr }));
  });
}

/** Node's flags for a module of test/support/preload that runs before the program. */
export function preload(name: string): readonly string[] {
  return ['--import', new URL(`preload/${name}.mjs`, import.meta.url).href];
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

/** The environment without what could change an answer. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(MNIST_CNN_(?!LIBTENSORFLOW|CACHE)|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|VITEST|TEST)/.test(name),
    ),
  );
}
