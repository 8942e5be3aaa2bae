import fs from 'node:fs';
import { type ErrorCode, errnoOf, escapeText, exitCodes, TrainerError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { explainLimit } from '../core/limits.ts';
import { adviseCommand, type FailedCall } from './advice.ts';
import { repeatCommand, spellProgram } from './command-line.ts';
import { readVersion } from './version.ts';

/** The one door to the terminal. Results go to stdout, everything else to stderr. */
export interface Output {
  /** Whether results and errors are JSON. */
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether errors show where they came from. */
  readonly debug: boolean;
  /** Whether stderr is a terminal that understands escapes: bars are drawn there. */
  readonly isInteractive: boolean;
  /** Whether stdout takes colors. */
  readonly hasColor: boolean;
  /** A result, as text or as one line of JSON; a string stands as it is. */
  readonly result: (value: unknown) => void;
  /** Progress and notes; nothing with --quiet. */
  readonly note: (text: string) => void;
  /** Notes that these files were written; nothing of none. */
  readonly wrote: (files: readonly string[]) => void;
  /** A warning; a command stands on a line of its own below it. */
  readonly warn: (text: string, command?: string) => void;
  /** The command that a user would type next; nothing with --quiet. */
  readonly next: (command: string) => void;
  /** What there is to do, and the command for it. */
  readonly advise: (text: string, command: string) => void;
  /** An answer to the person at the keyboard, also with --quiet. */
  readonly alert: (text: string) => void;
}

/** The flags that every command has. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
  readonly color?: boolean;
}

/** Builds the output from the common flags and the environment (`NO_COLOR`, `TERM=dumb`). */
export function createOutput(flags: OutputFlags, environment: NodeJS.ProcessEnv): Output {
  const allowsEscapes = environment['TERM'] !== 'dumb';
  const allowsColor = flags.color !== false && !environment['NO_COLOR'] && allowsEscapes;
  const json = flags.json ?? false;
  const quiet = flags.quiet ?? false;
  const note = (text: string) => {
    if (!quiet) writeLine(2, text);
  };
  return {
    json,
    quiet,
    debug: flags.debug ?? false,
    isInteractive: process.stderr.isTTY && allowsEscapes && !quiet,
    hasColor: process.stdout.isTTY && allowsColor,
    result: (value) => writeLine(1, typeof value === 'string' ? value : JSON.stringify(value)),
    note,
    wrote: (files) => {
      if (files.length > 0) note(`wrote ${files.map(escapeText).join(', ')}`);
    },
    warn: (text, command) => {
      const advice = command === undefined ? '' : `\n    ${spellProgram(command)}`;
      writeLine(2, `mnist-cnn: warning: ${text}${advice}`);
    },
    next: (command) => note(`next: ${spellProgram(command)}`),
    advise: (text, command) => note(`${text}:\n  ${spellProgram(command)}`),
    alert: (text) => writeLine(2, text),
  };
}

/** What an error of any of the project's classes says; errors from elsewhere have no such code. */
interface KnownError extends Error {
  readonly code: ErrorCode;
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly hint?: string;
  readonly command?: string;
  readonly retryWith?: TrainerError['retryWith'];
}

/** Prints an error on stderr, as text or as one line of JSON, and gives the exit code for it. */
export function reportError(
  error: unknown,
  output: Pick<Output, 'json' | 'debug'>,
  call?: FailedCall,
): number {
  const known = isKnownError(error) ? error : (explainLimit(error) ?? internalError(error));
  const retry = call && known.retryWith && repeatCommand(call, known.retryWith);
  const advice = known.command ?? retry ?? (call && adviseCommand(known, call));
  const command = advice && spellProgram(advice);
  const exit = exitCodes[known.code];
  if (output.json) {
    const { code, message, path, expected, actual, hint } = known;
    writeLine(2, JSON.stringify({ error: { code, exit, message, path, expected, actual, hint, command } }));
  } else {
    const lines = [`mnist-cnn: ${known.message}`];
    if (known.path !== undefined) lines.push(`  file: ${escapeText(known.path)}`);
    if (known.hint !== undefined) lines.push(...known.hint.split('\n').map((line) => `  ${line}`));
    if (command !== undefined) lines.push(`    ${command}`);
    writeLine(2, lines.join('\n'));
  }
  if (output.debug && error instanceof Error) writeLine(2, stackWithCauses(error));
  return exit;
}

/** Whether this is one of the expected failures, which carry a code of core/errors.ts. */
function isKnownError(error: unknown): error is KnownError {
  return error instanceof Error && 'code' in error && Object.hasOwn(exitCodes, String(error.code));
}

/** A bug: the stack goes to a file, which the message names. */
function internalError(error: unknown): KnownError {
  const detail = error instanceof Error ? stackWithCauses(error) : String(error);
  const summary = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  const version = readVersion();
  const log = `mnist-cnn-bug-${process.pid}.log`;
  let kept = true;
  try {
    const surroundings = `mnist-cnn ${version}, Node ${process.version}, ${process.platform}-${process.arch}`;
    fs.writeFileSync(log, `${process.argv.join(' ')}\n${surroundings}\n${detail}\n`);
  } catch {
    kept = false;
  }
  return Object.assign(new Error(`this is a bug in mnist-cnn ${version}: ${escapeText(summary ?? '')}`), {
    code: 'E_INTERNAL' as const,
    ...(kept ? { path: log } : {}),
    hint: kept
      ? 'The details are in that file. Please report them.'
      : 'Run it again with --debug for the details.',
  });
}

function stackWithCauses(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackWithCauses(error.cause)}` : own;
}

/** Writes what was asked for in place of a command's result: help, or the version. */
export function writeAnswer(text: string): void {
  writeLine(1, text.replace(/\n$/, ''));
}

/**
 * Writes a line at once, also into a slow pipe. A reader that went away (EPIPE) is not an error of ours: on stdout it is
 * reported to whoever handles `SIGPIPE`. Where stderr cannot be written, there is nowhere to report it.
 *
 * @throws TrainerError `E_DISK_FULL` or `E_IO` where stdout is a file that cannot be written.
 */
function writeLine(handle: 1 | 2, text: string): void {
  let bytes = Buffer.from(`${text}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(fs.writeSync(handle, bytes));
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'EAGAIN') continue;
      const isGone = errno === 'EPIPE' || errno === 'EIO' || errno === 'EBADF';
      if (handle === 1 && !isGone) {
        const { code, message } = fileError(error, 'write', 'stdout');
        throw new TrainerError(code, message, { cause: error });
      }
      // Nobody who has something to save listens: end as the signal would, which Node ignores.
      if (handle === 1 && !process.emit('SIGPIPE' as NodeJS.Signals & 'SIGPIPE', 'SIGPIPE'))
        process.exit(141);
      return;
    }
  }
}
