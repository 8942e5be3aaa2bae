import path from 'node:path';
import { setupCommand } from './command.mjs';
import { SetupError } from './errors.mjs';
import { findLibrary } from './layout.mjs';
import { findWheel } from './platforms.mjs';
import { isWhole, provideWheel } from './unpack.mjs';

// Which members are unpacked, and where to. Of the 13,000 headers these folders hold what the addons include.
const headerFolders = [
  'tensorflow/c',
  'tensorflow/core/common_runtime/next_pluggable_device/c',
  'tensorflow/core/platform',
  'tsl/platform',
  'xla/tsl/c',
];
const rules = [
  [String.raw`tensorflow/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))`, String.raw`lib/\1`],
  [`tensorflow/(include/(?:${headerFolders.join('|')})/.*[^/])`, String.raw`\1`],
];
const manifestName = 'library.json';

/**
 * `wheels` were brought along, in place of those that would be downloaded.
 *
 * @typedef {{ wheels?: { library?: string, compiler?: string }, keepCompiler?: boolean }} Options
 * @typedef {import('./progress.mjs').Progress} Progress
 */

/** Whether the library is there: the named one with its parts, or the cache's with every file in its size. */
export function hasLibrary() {
  const library = findLibrary();
  return library.missing.length === 0 && (library.named || isWhole(library.folder, manifestName));
}

/** Provides the library: fetched, checked, unpacked into staging and put in place by one rename. A named one is left as it is. */
export async function provideLibrary(
  /** @type {Options} */ { wheels = {} },
  /** @type {Progress} */ progress,
) {
  const library = findLibrary();
  if (library.named) checkNamed(library);
  else
    await provideWheel(
      { wheel: findWheel(), file: wheels.library, folder: library.folder, rules, manifestName },
      progress,
    );
}

function checkNamed(library) {
  if (library.missing.length === 0) return;
  throw new SetupError(
    'E_NO_INPUT',
    `MNIST_CNN_LIBTENSORFLOW names a folder without ${path.basename(library.missing[0])}`,
    {
      path: library.missing[0],
      hint: 'It must hold include/ and lib/ with both libraries, or be the folder of an installed Python package. Without the variable, setup downloads a library:',
      command: `env -u MNIST_CNN_LIBTENSORFLOW ${setupCommand('--native')}`,
    },
  );
}
