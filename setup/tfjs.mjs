// How tfjs-node is brought to load the library and the addon from the cache. Used by src/backend/tf.ts and by the trial.
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { packageFolder, resolvePackage } from './layout.mjs';

/**
 * @typedef {object} TfjsFiles
 * @property {string} quiet
 * @property {string} framework
 * @property {string} tensorflow
 * @property {string} binding
 */

/**
 * Begins, the first time, to load the two libraries in the background; `loadTfjs` waits for them.
 *
 * @param {TfjsFiles} files
 */
export function startLoading(files) {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (!isQuiet() || quiet !== undefined) return;
  quiet = requireHere(files.quiet);
  quiet.start(files.framework, files.tensorflow);
  process.once('exit', quiet.wait);
}

let quiet;

/** Whether what `startLoading` began is still running. */
export const isLoading = () => quiet?.busy() ?? false;

/** Reads the part of tfjs-node that is JavaScript alone, and thus needs no library. */
export function readTfjs() {
  supplyUtil();
  const requireFromNode = requireFrom('@tensorflow/tfjs-node');
  const requireFromTfjs = createRequire(requireFromNode.resolve('@tensorflow/tfjs'));
  for (const name of unusedPackages) supplyModule(requireFromTfjs, name, {});
  requireFromNode('@tensorflow/tfjs');
}

// Parts of tfjs for browsers and for files of other kinds, which nothing here calls: a third of the time that reading takes.
const unusedPackages = ['backend-cpu', 'backend-webgl', 'converter', 'data'].map(
  (name) => `@tensorflow/tfjs-${name}`,
);

/**
 * Loads tfjs-node with the addon `files.binding`; `files.quiet` loads the two libraries before, without their chatter.
 *
 * @param {TfjsFiles} files
 * @returns {typeof import('@tensorflow/tfjs-node')}
 */
export function loadTfjs(files) {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  readTfjs();
  if (isQuiet()) requireHere(files.quiet).load(files.framework, files.tensorflow);
  supplyAddonPath(files.binding);
  return requireHere('@tensorflow/tfjs-node');
}

const requireHere = createRequire(path.join(packageFolder, 'package.json'));
const requireFrom = (name) => createRequire(path.join(resolvePackage(name), 'package.json'));

// Whoever enables TensorFlow's log gets all of it.
const isQuiet = () => Number(process.env.TF_CPP_MIN_LOG_LEVEL) >= 2;

// tfjs-node 4.22.0 calls two functions of `util` that newer Nodes warn of (22) or lack (23).
function supplyUtil() {
  util.isNullOrUndefined = (value) => value === undefined || value === null;
  util.isArray = Array.isArray;
}

// tfjs-node asks node-pre-gyp where its addon lies: answered here, so that nothing is written into node_modules.
function supplyAddonPath(binding) {
  supplyModule(requireFrom('@tensorflow/tfjs-node'), '@mapbox/node-pre-gyp', { find: () => binding });
}

function supplyModule({ cache, resolve }, name, exports) {
  const id = resolve(name);
  cache[id] ??= { id, filename: id, loaded: true, exports, children: [], paths: [] };
}
