// Fails, or kills the process at, the Nth call of node:fs that concerns one folder, as a full or broken disk would.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const byPath = [
  'openSync',
  'renameSync',
  'linkSync',
  'mkdirSync',
  'rmSync',
  'unlinkSync',
  'rmdirSync',
  'copyFileSync',
];
byPath.push(
  'writeFileSync',
  'appendFileSync',
  'readFileSync',
  'readdirSync',
  'utimesSync',
  'statSync',
  'lstatSync',
  'mkdtempSync',
);
const byHandle = ['writeSync', 'fsyncSync', 'closeSync', 'readSync', 'fstatSync'];
/** What streams call; the first is by path, the others by handle. */
const byCallback = ['open', 'write', 'writev', 'fsync', 'close'];

/**
 * Patches node:fs: call number `at` fails with `errno`, or kills the process where that is "KILL"; with `forever` all calls after it
 * fail, too; with `at` 0 calls are only counted. Gives the list of calls made, which grows, and what takes the patch off.
 *
 * @param {{ folder: string, at: number, errno: string, forever?: boolean }} fault
 * @returns {{ calls: readonly string[], restore: () => void }}
 */
export function failAtCall({ folder, at, errno, forever = false }) {
  const originals = Object.fromEntries(
    [...byPath, ...byHandle, ...byCallback].map((name) => [name, fs[name]]),
  );
  const handles = new Set();
  const calls = [];

  const patch = (name) => {
    const isByHandle = byHandle.includes(name);
    return (...given) => {
      const isOurs = isByHandle
        ? handles.has(given[0])
        : given.slice(0, 2).some((value) => typeof value === 'string' && isInside(value, folder));
      if (!isOurs) return originals[name](...given);
      const number = calls.push(isByHandle ? name : `${name} ${path.basename(given[0])}`);
      if (number === at || (forever && at > 0 && number > at)) fail(name, given[0]);
      const result = originals[name](...given);
      if (name === 'openSync') handles.add(result);
      if (name === 'closeSync') handles.delete(given[0]);
      return result;
    };
  };
  const fail = (name, first) => {
    if (errno === 'KILL') {
      process.kill(process.pid, 'SIGKILL');
      // The signal may take a moment: nothing more is done meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    // A handle that cannot be closed is closed all the same, as on Linux.
    if (name === 'closeSync') {
      handles.delete(first);
      originals.closeSync(first);
    }
    throw Object.assign(new Error(`${errno}: injected, ${name} '${first}'`), {
      errno: -os.constants.errno[errno],
      code: errno,
      syscall: name.replace('Sync', ''),
    });
  };

  const patchLater = (name) => {
    return (...given) => {
      const isOurs = name === 'open' ? isInside(String(given[0]), folder) : handles.has(given[0]);
      if (!isOurs) return originals[name](...given);
      const number = calls.push(name === 'open' ? `${name} ${path.basename(given[0])}` : name);
      const done = given.at(-1);
      let failure;
      try {
        if (number === at || (forever && at > 0 && number > at)) fail(name, given[0]);
      } catch (error) {
        failure = error;
      }
      if (name === 'close') handles.delete(given[0]);
      if (failure !== undefined && name !== 'close') return process.nextTick(done, failure);
      const finish = (error, result) => {
        if (name === 'open' && !error) handles.add(result);
        done(failure ?? error, result);
      };
      return originals[name](...given.slice(0, -1), finish);
    };
  };

  for (const name of [...byPath, ...byHandle]) fs[name] = patch(name);
  for (const name of byCallback) fs[name] = patchLater(name);
  syncBuiltinESMExports();
  return {
    calls,
    restore: () => {
      Object.assign(fs, originals);
      syncBuiltinESMExports();
    },
  };
}

function isInside(value, folder) {
  const full = path.resolve(value);
  return full === folder || full.startsWith(`${folder}${path.sep}`);
}
