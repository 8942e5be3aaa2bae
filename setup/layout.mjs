// Where the native library and the addons lie. Setup writes there and src/backend/native.ts reads there: both ask this file.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { otherCacheCommand, SetupError } from './errors.mjs';

/** @typedef {ReturnType<typeof findLibrary>} Library */

/** The version of the TensorFlow library that setup provides. */
export const tensorflowVersion = '2.21.0';

/** The level of Node's C interface that the addons are built for: Node 20 to 26 all have it. */
export const nodeApiLevel = 8;

/** The folder of this package: a checkout, or where it is installed. */
export const packageFolder = path.resolve(fileURLToPath(new URL('..', import.meta.url)));

/** The folder that outlives checkouts: `$MNIST_CNN_CACHE`, else `mnist-cnn` in the user's cache folder. */
export function cacheFolder(environment = process.env) {
  if (environment.MNIST_CNN_CACHE) return path.resolve(environment.MNIST_CNN_CACHE);
  // The specification of XDG says that a relative path is to be ignored.
  const xdg = environment.XDG_CACHE_HOME;
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, 'mnist-cnn');
  return path.join(
    homeFolder(),
    ...(process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']),
    'mnist-cnn',
  );
}

// An empty HOME counts as none, and a user without an entry in the system's list has no other.
function homeFolder() {
  try {
    const home = process.env.HOME || os.userInfo().homedir;
    if (path.isAbsolute(home)) return home;
  } catch {
    // Told below.
  }
  throw new SetupError(
    'E_NOT_WRITABLE',
    'cannot choose a folder for the cache: HOME is not set, and this user has no home folder',
    {
      hint: 'Name a folder for it:',
      command: otherCacheCommand(),
    },
  );
}

/** The folder of the library that setup unpacks, in the cache. */
export function cachedLibraryFolder(environment = process.env) {
  return path.join(
    cacheFolder(environment),
    `libtensorflow-${tensorflowVersion}-${process.platform}-${process.arch}`,
  );
}

/**
 * The library that counts: the folder named by `$MNIST_CNN_LIBTENSORFLOW`, else the one in the cache. `missing` names
 * the missing files.
 */
export function findLibrary(environment = process.env) {
  const named = environment.MNIST_CNN_LIBTENSORFLOW;
  const folder = named ? path.resolve(named) : cachedLibraryFolder(environment);
  // An installed Python package has the libraries beside `include`, the archives for C have them in `lib`.
  const candidates = ['lib', '.'].flatMap((place) =>
    ['tensorflow_cc', 'tensorflow'].map((name) => path.join(folder, place, libraryFile(name))),
  );
  const tensorflow =
    candidates.find((file) => fs.existsSync(file)) ?? path.join(folder, 'lib', libraryFile('tensorflow_cc'));
  const framework = path.join(path.dirname(tensorflow), libraryFile('tensorflow_framework'));
  const include = path.join(folder, 'include');
  const missing = [tensorflow, framework, path.join(include, 'tensorflow', 'c', 'c_api.h')].filter(
    (file) => !fs.existsSync(file),
  );
  return { folder, named: Boolean(named), tensorflow, framework, include, missing };
}

/**
 * The addons for this install, in the order in which they are loaded: name, file in the cache, and what is compiled.
 * The file's name carries a hash of all that it is made from, so one that is there is the right one.
 */
export function listAddons(/** @type {Library} */ library, environment = process.env) {
  const tfjsFolder = resolvePackage('@tensorflow/tfjs-node');
  const native = path.join(packageFolder, 'native');
  const kernels = listHeaders(path.join(native, 'kernels')).map((name) => path.join('kernels', name));
  const recipes = [
    { name: 'quiet', folder: native, sources: ['quiet.cc'], headers: [], usesLibrary: false },
    {
      name: 'tfjs_binding',
      folder: path.join(tfjsFolder, 'binding'),
      sources: ['tfjs_backend.cc', 'tfjs_binding.cc'],
      headers: listHeaders(path.join(tfjsFolder, 'binding')),
      usesLibrary: true,
    },
    {
      name: 'ops',
      folder: native,
      sources: ['ops.cc', 'threads.cc', 'dispatch.cc'],
      // Compiled once for each instruction set; which one runs is chosen when the addon is loaded.
      variants: engineVariants,
      headers: [...listHeaders(native), ...kernels],
      // Without a working one training runs on TensorFlow's own ops.
      isOptional: true,
      usesLibrary: true,
    },
  ];
  return recipes.map((recipe) => {
    const key = hashOf(recipe, library);
    return { ...recipe, file: path.join(cacheFolder(environment), 'addons', `${recipe.name}-${key}.node`) };
  });
}

/**
 * What native/engine.cc is compiled for: the portable version everywhere, two faster ones on x86. The linker keeps the
 * first of a function that is in several: this order keeps what older processors run free of newer instructions.
 */
export const engineVariants = [
  { source: 'engine.cc', name: 'portable', flags: [] },
  ...(process.arch === 'x64'
    ? [
        { source: 'engine.cc', name: 'avx2', flags: ['-mavx2', '-mfma'] },
        {
          source: 'engine.cc',
          name: 'avx512',
          flags: ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl'],
        },
      ]
    : []),
];

/** The folder of an installed package, found as Node finds it from this package. Throws where it is not installed. */
export function resolvePackage(/** @type {string} */ name) {
  return path.dirname(
    createRequire(path.join(packageFolder, 'package.json')).resolve(`${name}/package.json`),
  );
}

function libraryFile(name) {
  return process.platform === 'darwin' ? `lib${name}.2.dylib` : `lib${name}.so.2`;
}

// Sorted, so that the hash does not depend on the order in which a file system lists them.
function listHeaders(folder) {
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.h'))
    .sort();
}

function hashOf(recipe, library) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([process.platform, process.arch, nodeApiLevel, tensorflowVersion]));
  const sources = [
    ...recipe.sources,
    ...(recipe.variants ?? []).map(({ source }) => source),
    ...recipe.headers,
  ];
  for (const name of new Set(sources)) {
    hash.update(`\0${name}\0`).update(fs.readFileSync(path.join(recipe.folder, name)));
  }
  // Another library, or one that was changed in place, needs another addon.
  if (recipe.usesLibrary) {
    for (const file of [library.tensorflow, library.framework]) hash.update(`\0${file}\0${sizeOf(file)}`);
  }
  return hash.digest('hex').slice(0, 16);
}

function sizeOf(file) {
  try {
    return fs.statSync(file).size;
  } catch {
    // What is missing, or cannot be inspected, is reported where it is loaded.
    return 0;
  }
}
