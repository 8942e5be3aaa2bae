import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './child.mjs';
import { fileError, formatBytes, otherCacheCommand, SetupError } from './errors.mjs';
import { cacheFolder } from './layout.mjs';

/** A new folder in the cache for what is not finished yet. */
export function createStaging() {
  const cache = cacheFolder();
  try {
    fs.mkdirSync(cache, { recursive: true });
    return fs.mkdtempSync(path.join(cache, 'staging-'));
  } catch (error) {
    throw fileError(error, 'write to the cache', cache);
  }
}

/** Removes what killed setups left in the cache. To be called by the one that holds the lock. */
export function removeStaging() {
  const cache = cacheFolder();
  try {
    for (const name of fs.existsSync(cache) ? fs.readdirSync(cache) : []) {
      if (name.startsWith('staging-')) removeFolder(path.join(cache, name));
    }
  } catch {
    // A cache that cannot be read cannot be written to either: that says so.
  }
}

/** Removes a folder of what is not finished; one that cannot be removed now is removed by the next setup. */
export function removeFolder(folder) {
  try {
    // Programs that are being ended may add to it for a moment.
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  } catch {
    // Something else is the news, or all went well.
  }
}

/** Whether `title` fits on the disk of a staging folder. @throws SetupError `E_DISK_FULL` with both sizes. */
export function checkSpace(folder, neededBytes, title) {
  const status = fs.statfsSync(folder);
  const freeBytes = status.bavail * status.bsize;
  if (freeBytes >= neededBytes) return;
  throw new SetupError(
    'E_DISK_FULL',
    `cannot unpack ${title}: ${formatBytes(neededBytes)} needed, ${formatBytes(freeBytes)} free`,
    {
      path: path.dirname(folder),
      expected: String(neededBytes),
      actual: String(freeBytes),
      hint: 'Free some space, or put the cache on another disk:',
      command: otherCacheCommand(),
    },
  );
}

/**
 * Whether the addons can be loaded from the cache. @throws SetupError `E_NATIVE` where it is mounted noexec, or its path holds what
 * the system's loader reads as something else.
 */
export async function checkCache() {
  const token = /\$(?:\{\w+\}|(?:ORIGIN|LIB|PLATFORM)\b)/.exec(cacheFolder())?.[0];
  if (token !== undefined) {
    throw new SetupError(
      'E_NATIVE',
      `the path of the cache contains ${token}, which the loader replaces by another folder`,
      {
        path: cacheFolder(),
        hint: 'Put the cache elsewhere:',
        command: otherCacheCommand(),
      },
    );
  }
  const staging = createStaging();
  try {
    const program = path.join(staging, 'program');
    fs.writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    const { errno } = await runProgram(program, []);
    if (errno !== 'EACCES') return;
  } catch (error) {
    throw fileError(error, 'write to the cache', staging);
  } finally {
    removeFolder(staging);
  }
  throw new SetupError('E_NATIVE', 'the cache is on a file system from which nothing can be run (noexec)', {
    path: cacheFolder(),
    hint: 'The addons could not be loaded from there. Put the cache elsewhere:',
    command: otherCacheCommand(),
  });
}
