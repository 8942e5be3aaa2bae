import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { isLoading, loadTfjs, readTfjs, startLoading } from '../../setup/tfjs.mjs';
import { formatErrno } from '../core/errors.ts';
import { explainLoadFailure, findNativeFiles, type NativeFiles, rebuildCommand } from './native.ts';

/** The whole of tfjs-node, as loaded. */
export type TensorFlow = typeof import('@tensorflow/tfjs-node');

/** What must be known before the library is loaded, since it looks only once. */
export interface LoadOptions {
  /** Threads that one operation is spread over; all cores when left out. */
  readonly threads?: number;
}

/**
 * TensorFlow, once `loadTensorFlow` has ended; undefined before. Functions that handle tensors use it directly: whoever
 * hands them a tensor has loaded it.
 */
export let tf: TensorFlow;

/** Our own ops, where they could be loaded. */
export interface LoadedOps {
  /** The instruction set that they use on this processor. */
  readonly engine: string;
  /** Number of threads; all cores when left out. */
  readonly threads?: number;
}

let ops: LoadedOps | undefined;
let missingOps = 'TensorFlow is not loaded';
let loadedThreads: number | undefined;

/**
 * Begins to load the native library in the background until `loadTensorFlow`, with the same options. A failure is
 * reported by the latter.
 */
export function startLoadingTensorFlow({ threads }: LoadOptions = {}): void {
  if (tf !== undefined) return;
  setThreads(threads);
  try {
    startLoading(findNativeFiles());
  } catch {
    // loadTensorFlow meets the same fault.
  }
}

/**
 * Loads TensorFlow on the first call (about half a second) and gives the same module ever after.
 *
 * @throws TrainerError `E_NATIVE` where setup has not run or its files are damaged.
 */
export async function loadTensorFlow(options: LoadOptions = {}): Promise<TensorFlow> {
  if (tf !== undefined) {
    if (options.threads === undefined || options.threads === loadedThreads) return tf;
    throw new Error(
      `TensorFlow already runs with ${loadedThreads ?? 'all'} threads, too late to change to ${options.threads}`,
    );
  }
  setThreads(options.threads);
  const files = findNativeFiles();
  try {
    startLoading(files);
    readTfjs();
    // A signal that comes meanwhile is answered here.
    do await setTimeout(1);
    while (isLoading());
    tf = loadTfjs(files);
  } catch (error) {
    throw explainLoadFailure(error, files);
  }
  await tf.ready();
  loadOps(files);
  return tf;
}

function setThreads(threads: number | undefined): void {
  loadedThreads = threads;
  if (threads !== undefined) process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
}

/** Our own ops; undefined where there are none, and training runs on TensorFlow's. */
export function loadedOps(): LoadedOps | undefined {
  return ops;
}

/** Why there are none. */
export function explainMissingOps(): string {
  return missingOps;
}

/** They make training fast; nothing else needs them. */
function loadOps({ ops: file }: NativeFiles): void {
  if (file === undefined) {
    missingOps = `they are not built; ${rebuildCommand()} builds them`;
    return;
  }
  try {
    // The addon says which instruction set it chose: native/ops.cc.
    const { engine } = createRequire(import.meta.url)(file) as { readonly engine: string };
    ops = loadedThreads === undefined ? { engine } : { engine, threads: loadedThreads };
  } catch (error) {
    missingOps = `they cannot be loaded: ${formatErrno(error)}`;
  }
}
