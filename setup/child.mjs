import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SetupError } from './errors.mjs';

/** @typedef {{ missing: boolean, errno?: string, code: number | null, signal: string | null, output: string }} ProgramResult */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let listener = (/** @type {readonly number[]} */ _pids) => {};

/**
 * Runs a program to its end. Gives its exit code or signal and the text of both its outputs; a program that is missing, or
 * may not be run, gives `missing: true` with its `errno` and is not an error. `onLine` hears each line of its output as it comes.
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

/** Ends the programs that are still running: setup itself was asked to stop. */
export function stopPrograms() {
  for (const child of running) child.kill('SIGTERM');
}

/** How a program ended, in words: `exit code 1`, `signal SIGILL`, `not found`. */
export function describeEnd(/** @type {ProgramResult} */ result) {
  if (result.missing) return result.errno === 'EACCES' ? 'permission denied (EACCES)' : 'not found';
  return result.signal === null ? `exit code ${result.code}` : `signal ${result.signal}`;
}

/** The last lines of a program's output that are not empty. */
export function lastLines(/** @type {string} */ output, /** @type {number} */ count) {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(-count);
}

function setRunning(child, isRunning) {
  if (isRunning) running.add(child);
  else running.delete(child);
  listener([...running].flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
}
