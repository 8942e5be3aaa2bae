import fs from 'node:fs';
import path from 'node:path';
import { sumSizes } from './files.mjs';
import { cacheFolder } from './layout.mjs';

/** Removes all that setup made in the cache, nothing else, and gives the bytes that this freed. */
export function removeCache() {
  const cache = cacheFolder();
  let freedBytes = 0;
  for (const name of fs.existsSync(cache) ? fs.readdirSync(cache) : []) {
    if (!/^(libtensorflow-|ziglang-|staging-|addons$)/.test(name)) continue;
    const folder = path.join(cache, name);
    freedBytes += sumSizes(folder);
    // Renamed first: a folder that carries its name is whole.
    const leaving = path.join(cache, `staging-remove-${process.pid}-${name}`);
    fs.renameSync(folder, leaving);
    fs.rmSync(leaving, { recursive: true, force: true });
  }
  return freedBytes;
}
