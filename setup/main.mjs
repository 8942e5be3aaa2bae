// Makes a checkout or an installed package ready: packages, TensorFlow library, addons, build. Plain Node without
// dependencies: it runs before node_modules exists.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hasAddons, provideAddons } from './addons.mjs';
import { hasBuild, provideBuild } from './build.mjs';
import { stopPrograms, watchPrograms } from './child.mjs';
import { isCheckout, setupCommand } from './command.mjs';
import {
  exitCodeOf,
  explainPermission,
  formatBytes,
  formatError,
  formatErrorJson,
  SetupError,
} from './errors.mjs';
import { cacheFolder, packageFolder } from './layout.mjs';
import { hasLibrary, provideLibrary } from './library.mjs';
import { hasPackages, providePackages } from './packages.mjs';
import { createProgress } from './progress.mjs';
import { removeCache } from './remove.mjs';
import { checkCache, removeStaging } from './staging.mjs';
import { takeTurn } from './turn.mjs';
import { findWheels } from './wheel.mjs';

const usage = `Usage: node setup/main.mjs [options]

Sets up what the trainer needs: packages, TensorFlow library, addons, build.
Whatever is already there is left alone.

  --native         only the library and the addons
  --wheel PATH     use this TensorFlow wheel instead of the network, or a folder
                   with it and, if there is no compiler, the wheel of Zig
  --keep-compiler  keep a downloaded Zig compiler in the cache
  --rebuild        recompile the addons
  --remove         remove the library, addons and compiler from the cache
  --quiet          print nothing but errors
  --json           print errors as one line of JSON
  --debug          print errors with their stack traces
  -h, --help       print this help
`;

const inCache = () => path.join(cacheFolder(), 'setup.lock');
const inCheckout = () => path.join(packageFolder, '.setup.lock');

const packages = { lockFile: inCheckout, isDone: hasPackages, provide: () => providePackages(progress) };
const native = {
  lockFile: inCache,
  isDone: ({ rebuild }) => rebuild !== true && hasLibrary() && hasAddons(),
  provide: async (options) => {
    removeStaging();
    await checkCache();
    if (!hasLibrary()) await provideLibrary(options, progress);
    await provideAddons(options, progress);
  },
};
const build = { lockFile: inCheckout, isDone: hasBuild, provide: () => provideBuild(progress) };

let held;
let progress = createProgress({ stream: process.stderr, quiet: true });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
process.exitCode = await main(process.argv.slice(2));

async function main(programArguments) {
  /** @type {Partial<ReturnType<typeof parseOptions>>} */
  let options = { json: programArguments.includes('--json'), debug: programArguments.includes('--debug') };
  try {
    options = parseOptions(programArguments);
    if (options.help) process.stdout.write(usage);
    else await setUp(options);
    return 0;
  } catch (thrown) {
    const error = explainPermission(thrown);
    progress.fail();
    process.stderr.write(options.json ? formatErrorJson(error) : formatError(error, options.debug));
    return exitCodeOf(error);
  }
}

async function setUp(options) {
  checkNode();
  progress = createProgress({ stream: process.stderr, quiet: options.quiet });
  const startedMs = performance.now();
  if (options.remove) {
    await withLock(inCache, () => progress.say(`freed ${formatBytes(removeCache())} in ${cacheFolder()}`));
    return;
  }
  const stages = isCheckout() && !options.native ? [packages, native, build] : [native];
  for (const stage of stages) {
    if (stage.isDone(options)) continue;
    // Whoever held the lock may have done it meanwhile.
    await withLock(stage.lockFile, async () => {
      if (!stage.isDone(options)) await stage.provide(options);
    });
  }
  progress.say(`ready (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
}

function parseOptions(programArguments) {
  try {
    const { values } = parseArgs({
      args: programArguments,
      options: {
        native: { type: 'boolean' },
        wheel: { type: 'string' },
        'keep-compiler': { type: 'boolean' },
        rebuild: { type: 'boolean' },
        remove: { type: 'boolean' },
        quiet: { type: 'boolean', short: 'q' },
        json: { type: 'boolean' },
        debug: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return { ...values, keepCompiler: values['keep-compiler'], wheels: findWheels(values.wheel) };
  } catch (error) {
    throw new SetupError('E_USAGE', error.message.split('\n')[0], {
      hint: 'To see all options:',
      command: setupCommand('--help'),
    });
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError('E_NATIVE', `Node ${process.versions.node} is too old: 20.19 or newer is needed`, {
    expected: '>= 20.19',
    actual: process.versions.node,
    hint: 'Install a newer Node, for instance with a version manager:',
    command: 'nvm install 22',
  });
}

async function withLock(file, work) {
  held = await takeTurn(file(), progress);
  watchPrograms((programs) => held?.adopt(programs));
  try {
    await work();
  } finally {
    const lock = held;
    held = undefined;
    lock?.release();
  }
}

// Ends what runs, leaves nothing half done behind, and dies of the signal as shells expect.
function stop(signal) {
  const lock = held;
  held = undefined;
  stopPrograms();
  progress.fail('stopped');
  try {
    if (lock?.file === inCache()) removeStaging();
    lock?.release();
  } finally {
    process.kill(process.pid, signal);
  }
}
