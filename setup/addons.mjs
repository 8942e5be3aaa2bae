import fs from 'node:fs';
import path from 'node:path';
import { describeEnd } from './child.mjs';
import { setupCommand } from './command.mjs';
import { firstErrors, provideCompiler, runCompiler } from './compiler.mjs';
import { fileError, SetupError } from './errors.mjs';
import { cacheFolder, findLibrary, listAddons, nodeApiLevel, resolvePackage } from './layout.mjs';
import { createStaging, removeFolder } from './staging.mjs';
import { tryAddons, tryLibrary } from './trial.mjs';

/** Whether the addons for this library are there, or known not to work here: they get their names only after they were tried. */
export function hasAddons() {
  return listAddons(findLibrary()).every(
    (addon) => fs.existsSync(addon.file) || fs.existsSync(failureOf(addon)),
  );
}

/** @import { Options, Progress } from './library.mjs' */

/** Compiles the addons, loads library and addons in a child process, and only then gives the addons their names. */
export async function provideAddons(/** @type {Options} */ options, /** @type {Progress} */ progress) {
  const library = findLibrary();
  const addons = listAddons(library);
  const staging = createStaging();
  try {
    const compiler = await provideCompiler(options, staging, progress);
    progress.begin(`compiling ${addons.length} addons with ${compiler.name}`);
    /** @type {Record<string, string>} */
    const built = {};
    for (const addon of addons) {
      const output = path.join(staging, `${addon.name}.node`);
      const isBuilt = await compileIfNeeded({ compiler, addon, library, output }, progress);
      if (isBuilt) built[addon.name] = output;
      // The first loads the library alone: that it cannot be loaded is known before the long compilation.
      if (addon.name === 'quiet') await tryLibrary(library, built.quiet);
    }
    progress.done();
    progress.begin('testing TensorFlow');
    const { ops, ...needed } = built;
    await tryAddons(library, needed);
    if (ops && !(await worksWithOps(library, built, progress))) delete built.ops;
    for (const addon of addons) {
      if (built[addon.name]) putInPlace(built[addon.name], addon.file);
    }
    progress.done();
  } finally {
    removeFolder(staging);
  }
}

function failureOf(addon) {
  return `${addon.file}.failed`;
}

// Whether our ops load along with the rest. Training runs without them where they do not.
async function worksWithOps(library, built, progress) {
  try {
    await tryAddons(library, built);
    return true;
  } catch (error) {
    giveUp(
      listAddons(library).find(({ name }) => name === 'ops'),
      error,
      progress,
    );
    return false;
  }
}

// Setup does not try again by itself, but where the compiler was killed: `--rebuild` does.
function giveUp(addon, error, progress) {
  progress.say(`without the fast training ops: ${error.message}`);
  if (error.wasKilled) return;
  try {
    fs.mkdirSync(path.dirname(addon.file), { recursive: true });
    fs.writeFileSync(failureOf(addon), `${error.message}\n`);
  } catch (cause) {
    throw fileError(cause, 'store an addon', addon.file);
  }
}

// Gives whether the addon is there; one that is optional may fail, which is said.
async function compileIfNeeded(task, progress) {
  try {
    await compile(task);
    return true;
  } catch (error) {
    if (!task.addon.isOptional || error.code !== 'E_NATIVE') throw error;
    giveUp(task.addon, error, progress);
    return false;
  }
}

async function compile({ compiler, addon, library, output }) {
  const isDarwin = process.platform === 'darwin';
  const includes = [
    `-I${path.join(resolvePackage('node-api-headers'), 'include')}`,
    ...(addon.usesLibrary ? [`-I${library.include}`] : []),
  ];
  const common = [
    ...(addon.variants ? fastFlags : ['-O2', '-std=c++17']),
    '-fPIC',
    `-DNAPI_VERSION=${nodeApiLevel}`,
    `-DNODE_GYP_MODULE_NAME=${addon.name}`,
    ...includes,
  ];
  const run = (words) => compileTo({ compiler, addon, words: [...common, ...words], output });
  const compileVariant = async ({ name, source, flags }) => {
    const object = `${output}.${name}.o`;
    await run([...flags, '-c', path.join(addon.folder, source), '-o', object]);
    return object;
  };
  const objects = await Promise.all((addon.variants ?? []).map(compileVariant));
  await run([
    ...(isDarwin ? ['-dynamiclib', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread']),
    ...addon.sources.map((source) => path.join(addon.folder, source)),
    ...objects,
    ...(addon.usesLibrary ? linkArguments(library, isDarwin) : isDarwin ? [] : ['-ldl']),
    '-o',
    output,
  ]);
}

/** Kernels lean on the compiler: products and sums in one rounding, and no errno for square roots. */
export const fastFlags = ['-O3', '-std=gnu++17', '-ffp-contract=fast', '-fno-math-errno', '-Wno-psabi'];

async function compileTo({ compiler, addon, words, output }) {
  const result = await runCompiler(compiler, words, path.dirname(output));
  if (result.code === 0) return;
  const task = `compile the addon ${addon.name}`;
  const code = diskErrorOf(result.output);
  if (code !== undefined) throw fileError({ code }, task, output);
  throw new SetupError('E_NATIVE', `cannot ${task}: ${compiler.name} ended with ${describeEnd(result)}`, {
    path: addon.folder,
    output: firstErrors(result.output),
    wasKilled: result.signal !== null,
    hint: 'A compiler for C++17 with its standard library is needed (GCC 9 or Clang 10, or newer). Name one:',
    command: `CXX=g++ ${setupCommand('--native', '--rebuild')}`,
  });
}

function diskErrorOf(output) {
  if (/No space left on device|ENOSPC/.test(output)) return 'ENOSPC';
  return /Input\/output error|\bEIO\b/.test(output) ? 'EIO' : undefined;
}

function linkArguments(library, isDarwin) {
  return [
    library.tensorflow,
    library.framework,
    '-Xlinker',
    '-rpath',
    '-Xlinker',
    findLibraryFrom(library, isDarwin ? '@loader_path' : '$ORIGIN'),
    // The older kind of path wins over LD_LIBRARY_PATH: another libtensorflow there does not get in.
    ...(isDarwin ? [] : ['-Wl,--disable-new-dtags', '-Wl,-z,now']),
  ];
}

// Seen from the addon, whose folder the loader puts in: whatever characters the cache's path has, it reads none of them.
function findLibraryFrom(library, addonFolder) {
  const folder = path.dirname(library.tensorflow);
  return library.named ? folder : `${addonFolder}/../${path.relative(cacheFolder(), folder)}`;
}

function putInPlace(built, file) {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const handle = fs.openSync(built, 'r');
    try {
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    fs.renameSync(built, file);
  } catch (error) {
    throw fileError(error, 'store an addon', file);
  }
}
