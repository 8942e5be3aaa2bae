import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../setup/layout.mjs';

/** The libraries that we are compared with. */
export type RivalName = 'torch' | 'keras';

/** What a rival is called in its folder's marker; every file that pip fetches for it is pinned by hash in NAME.txt. */
const requirements: Readonly<Record<RivalName, readonly string[]>> = {
  // The registry has one wheel for Linux, with CUDA. Its libraries link to CUDA's, so those must be there, too; they stay idle.
  torch: ['torch==2.15.0', 'numpy==2.4.6'],
  keras: ['keras==3.15.1', 'tensorflow-cpu==2.21.0', 'numpy==2.4.6'],
};

/** A rival's Python and the folder for what it caches. */
export interface Rival {
  readonly python: string;
  readonly cache: string;
}

/** A rival that is installed already; `undefined` where it is not. */
export function findRival(name: RivalName): Rival | undefined {
  const { rival, marker } = locateRival(name);
  return readIfThere(marker) === JSON.stringify(requirements[name]) ? rival : undefined;
}

/**
 * Provides a rival in a virtual environment of its own, in the cache folder of setup; the first call downloads it.
 *
 * @throws Error where there is no Python 3.11 on Linux x86_64, for which the files are pinned, or pip fails.
 */
export function provideRival(name: RivalName, say: (line: string) => void): Rival {
  const wanted = requirements[name];
  const { version, folder, rival, marker } = locateRival(name);
  if (findRival(name) !== undefined) {
    say(`${name} ${version}: ready`);
    return rival;
  }
  say(`${name} ${version}: installing ${wanted.join(', ')} (once; torch brings 3 GB with it)`);
  fs.rmSync(folder, { recursive: true, force: true });
  run('python3', ['-m', 'venv', folder]);
  const pinned = fileURLToPath(new URL(`${name}.txt`, import.meta.url));
  const how = ['--quiet', '--only-binary=:all:', '--no-deps', '--require-hashes'];
  run(rival.python, ['-m', 'pip', 'install', ...how, '--requirement', pinned]);
  fs.mkdirSync(rival.cache);
  // Written last: a folder with it is whole.
  fs.writeFileSync(marker, JSON.stringify(wanted));
  return rival;
}

/** Provides both rivals: `npm run bench -- rivals`. */
export async function setUpRivals(): Promise<void> {
  for (const name of ['torch', 'keras'] as const) provideRival(name, console.log);
}

function locateRival(name: RivalName) {
  const version = requirements[name][0]?.split('==')[1] ?? '';
  const folder = path.join(cacheFolder(), 'rivals', `${name}-${version}`);
  const rival: Rival = { python: path.join(folder, 'bin', 'python'), cache: path.join(folder, 'cache') };
  return { version, folder, rival, marker: path.join(folder, 'requirements.json') };
}

function run(program: string, words: readonly string[]): void {
  const { status, error } = spawnSync(program, [...words], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed: ${error?.message ?? status}`);
}

function readIfThere(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}
