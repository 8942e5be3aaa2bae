import { loadTfjs } from '../../scripts/setup/tfjs.mjs';
import { explainLoadFailure, findNativeFiles } from './native.ts';

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

let loadedThreads: number | undefined;

/**
 * Loads TensorFlow on the first call (about half a second) and gives the same module ever after.
 *
 * @throws TrainerError `E_NATIVE` where set-up has not run or its files are damaged.
 */
export async function loadTensorFlow(options: LoadOptions = {}): Promise<TensorFlow> {
  if (tf !== undefined) {
    if (options.threads === undefined || options.threads === loadedThreads) return tf;
    throw new Error(
      `TensorFlow runs with ${loadedThreads ?? 'all'} threads, ${options.threads} come too late`,
    );
  }
  loadedThreads = options.threads;
  if (loadedThreads !== undefined) process.env['TF_NUM_INTRAOP_THREADS'] = String(loadedThreads);
  const files = findNativeFiles();
  try {
    tf = loadTfjs(files);
  } catch (error) {
    throw explainLoadFailure(error, files);
  }
  await tf.ready();
  return tf;
}
