import { spawn, spawnSync } from 'node:child_process';
import { cleanEnvironment, programFile } from './program.ts';

/** How a run in a terminal ended: 130 is the death by Ctrl-C as a shell sees it. */
export interface TerminalResult {
  readonly exit: number | null;
  /** All that stood in the terminal, escapes included. */
  readonly text: string;
}

/** A program in a terminal, while it runs. */
export interface Terminal {
  readonly pressCtrlC: () => void;
}

/** What surrounds such a run. */
export interface TerminalOptions {
  readonly cwd: string;
  readonly onStart?: (terminal: Terminal) => void;
  /** Called with all of the text so far, each time that some comes. */
  readonly onText?: (text: string, terminal: Terminal) => void;
}

/** Whether there is no `script` as util-linux has it, which gives a program a terminal. */
export const isTerminalMissing = spawnSync('script', ['--version']).status !== 0;

/** Runs the built program in a pseudo-terminal of its own and waits for its end. */
export function runInTerminal(words: readonly string[], options: TerminalOptions): Promise<TerminalResult> {
  const { cwd, onStart, onText } = options;
  const command = [process.execPath, programFile, ...words].map(quoteForShell).join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qefc', `exec ${command}`, '/dev/null'], {
      cwd,
      env: { ...cleanEnvironment(), SHELL: '/bin/sh', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const terminal = { pressCtrlC: () => void child.stdin.write('\u0003') };
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      onText?.(text, terminal);
    });
    child.stdin.on('error', () => {}); // it may end before it has read
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, text }));
    onStart?.(terminal);
  });
}

function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
