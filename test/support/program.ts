import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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
  /** Words for bash before the program takes its place: `ulimit -f 100`. */
  readonly before?: string;
  readonly input?: string;
  /** Called with the running program. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with all of stderr so far, each time that some comes. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

/** The built program, as `npm start` leaves it. */
export const programFile = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs the built program with these words in a folder and waits for its end. Node's code 13 is none to end with: it rejects. */
export function runProgram(
  words: readonly string[],
  options: CliOptions & { readonly cwd: string },
): Promise<CliResult> {
  const { program = programFile, cwd, env = {}, nodeFlags = [], before, input, onStart, onStderr } = options;
  const all = [...nodeFlags, program, ...words];
  const [file, given] =
    before === undefined
      ? [process.execPath, all]
      : ['bash', ['-c', `${before}; exec "$0" "$@"`, process.execPath, ...all]];
  return new Promise((resolve, reject) => {
    const child = spawn(file, given, {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    onStart?.(child);
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
    child.on('close', (exit, signal) => {
      if (exit === 13) reject(new Error(`the program ended with 13: it waited for nothing\n${stderr}`));
      else resolve({ exit, signal, stdout, stderr });
    });
  });
}

/** Node's flags for a module of test/support/preload that runs before the program. */
export function preload(name: string): readonly string[] {
  return ['--import', new URL(`preload/${name}.mjs`, import.meta.url).href];
}

const binFolder = fileURLToPath(new URL('bin', import.meta.url));

/** The environment without what could change an answer, and with the program on the search path, as an installed one is. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(MNIST_CNN_(?!LIBTENSORFLOW|CACHE)|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|VITEST|TEST)/.test(name),
    ),
  );
  return { ...environment, PATH: `${binFolder}${path.delimiter}${process.env['PATH']}` };
}
