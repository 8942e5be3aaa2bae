import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SetupError } from './errors.mjs';

/**
 * How a program ended, and the text of both its outputs.
 *
 * @typedef {object} ProgramResult
 * @property {boolean} missing Whether it is not there, or may not be run.
 * @property {string} [errno]
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} output
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** @type {(pids: readonly number[]) => void} */
let listener = () => {};

/**
 * Runs a program to its end. Gives its exit code or signal and the text of both its outputs; a program that is not there, or
 * may not be run, gives `missing: true` with its `errno` and is no error. `onLine` hears each line of its output as it comes.
 *
 * @param {string} command
 * @param {readonly string[]} programArguments
 * @param {{ readonly cwd?: string, readonly env?: NodeJS.ProcessEnv, readonly onLine?: (line: string) => void }} [options]
 * @returns {Promise<ProgramResult>}
 */
export function runProgram(command, programArguments, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, programArguments, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    setRunning(child, true);
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    if (options.onLine) createInterface({ input: child.stdout }).on('line', options.onLine);
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      setRunning(child, false);
      if (error.code === 'ENOENT' || error.code === 'EACCES')
        resolve({ missing: true, errno: error.code, code: 127, signal: null, output: '' });
      else reject(new SetupError('E_OS', `cannot start ${command}: ${error.message}`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      setRunning(child, false);
      resolve({ missing: false, code, signal, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/**
 * Calls `onChange` with the process numbers of the running programs each time one starts or ends.
 *
 * @param {(pids: readonly number[]) => void} onChange
 */
export function watchPrograms(onChange) {
  listener = onChange;
}

/** Ends the programs that are still running: set-up itself was asked to stop. */
export function stopPrograms() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * How a program ended, in words: `exit code 1`, `signal SIGILL`, `not found`.
 *
 * @param {ProgramResult} result
 */
export function describeEnd(result) {
  if (result.missing) return result.errno === 'EACCES' ? 'permission denied (EACCES)' : 'not found';
  return result.signal === null ? `exit code ${result.code}` : `signal ${result.signal}`;
}

/**
 * The last lines of a program's output that are not empty.
 *
 * @param {string} output
 * @param {number} count
 */
export function lastLines(output, count) {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(-count);
}

function setRunning(child, isRunning) {
  if (isRunning) running.add(child);
  else running.delete(child);
  listener([...running].flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
}
