import fs from 'node:fs';
import { setupCommand } from './command.mjs';
import { otherCacheCommand } from './errors.mjs';

/**
 * What to do about a reason for which an addon or a library could not be loaded, in the words of the system's loader or of
 * Node; undefined for any other reason. `reason` is the line of the text that says it.
 *
 * @param {string} text
 * @returns {{ readonly reason: string, readonly hint: string, readonly command: string } | undefined}
 */
export function explainLoader(text) {
  const lines = text.split('\n').map((line) => line.trim());
  for (const [pattern, explain] of reasons) {
    const line = lines.find((each) => pattern.test(each));
    // The loader has the same words for want of memory: `ulimit -v`.
    if (pattern === cannotMap && hasMemoryLimit()) continue;
    if (line !== undefined) return { reason: line.replace(/^(?:Uncaught )?Error: /, ''), ...explain() };
  }
  return undefined;
}

const cannotMap = /failed to map segment from shared object$/;

/** @type {readonly (readonly [RegExp, () => { hint: string, command: string }])[]} */
const reasons = [
  [
    /loading addons is disabled/,
    () => ({
      hint: 'Node was started with --no-addons, or with --permission but without --allow-addons. Run it without them:',
      command: withoutVariable('NODE_OPTIONS'),
    }),
  ],
  [
    /Access to this API has been restricted/,
    () => ({
      hint: "Node's permission model (--permission) is on and forbids what is needed. Run it without the flag:",
      command: withoutVariable('NODE_OPTIONS'),
    }),
  ],
  [
    cannotMap,
    () => ({
      hint: 'The file is probably on a file system from which nothing can be run (noexec). Put the cache elsewhere:',
      command: otherCacheCommand(),
    }),
  ],
  [
    /\.(?:node|so|dylib)\b.*Permission denied/,
    () => ({
      hint: 'It was set up without read access for other users. Use your own cache, or have its owner allow reading (chmod -R a+rX):',
      command: otherCacheCommand(),
    }),
  ],
  [
    /version [`'](?:GLIBCXX|CXXABI|GLIBC|GCC)_[\d.]+' not found/,
    () =>
      process.env.LD_LIBRARY_PATH
        ? {
            hint: 'LD_LIBRARY_PATH probably points to an older library than the one it was compiled with. Try without it:',
            command: withoutVariable('LD_LIBRARY_PATH'),
          }
        : {
            hint: 'It was compiled with a newer library than the one on this machine. Recompile it, if necessary with another CXX:',
            command: setupCommand('--native', '--rebuild'),
          },
  ],
];

function hasMemoryLimit() {
  try {
    return /^Max address space\s+\d/m.test(fs.readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    // Not Linux.
    return false;
  }
}

function withoutVariable(name) {
  return `env -u ${name} ${setupCommand('--native')}`;
}
