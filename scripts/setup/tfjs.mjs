// How tfjs-node is brought to load the library and the addon from the cache. Used by src/backend/tf.ts and by the trial.
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { packageFolder, resolvePackage } from './layout.mjs';

/** Begins, the first time, to load the two libraries beside what else is done; `loadTfjs` waits for them. */
export function startLoading(files) {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (!isQuiet() || quiet !== undefined) return;
  quiet = requireHere(files.quiet);
  quiet.start(files.framework, files.tensorflow);
  process.once('exit', quiet.wait);
}

let quiet;

/** Whether what `startLoading` began still goes on. */
export const isLoading = () => quiet?.busy() ?? false;

/** Reads the part of tfjs-node that is JavaScript alone, and thus needs no library. */
export function readTfjs() {
  supplyUtil();
  requireFromTfjs()('@tensorflow/tfjs');
}

/** Loads tfjs-node with the addon `files.binding`; `files.quiet` loads the two libraries before, without their chatter. */
export function loadTfjs(files) {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  supplyUtil();
  if (isQuiet()) requireHere(files.quiet).load(files.framework, files.tensorflow);
  supplyAddonPath(files.binding);
  return requireHere('@tensorflow/tfjs-node');
}

const requireHere = createRequire(path.join(packageFolder, 'package.json'));
const requireFromTfjs = () =>
  createRequire(path.join(resolvePackage('@tensorflow/tfjs-node'), 'package.json'));

// A person who asked for TensorFlow's log gets all of it.
const isQuiet = () => Number(process.env.TF_CPP_MIN_LOG_LEVEL) >= 2;

// tfjs-node 4.22.0 calls two functions of `util` that newer Nodes warn of (22) or lack (23).
function supplyUtil() {
  util.isNullOrUndefined = (value) => value === undefined || value === null;
  util.isArray = Array.isArray;
}

// tfjs-node asks node-pre-gyp where its addon lies: answered here, so that nothing is written into node_modules.
function supplyAddonPath(binding) {
  const { cache, resolve } = requireFromTfjs();
  const id = resolve('@mapbox/node-pre-gyp');
  cache[id] = { id, filename: id, loaded: true, exports: { find: () => binding }, children: [], paths: [] };
}
