import { loadTfjs } from '../../scripts/setup/tfjs.mjs';
import { explainLoadFailure, findNativeFiles } from './native.ts';

/** The whole of tfjs-node, as loaded. */
export type TensorFlow = typeof import('@tensorflow/tfjs-node');

/** What must be known before the library is loaded, since it looks only once. */
export interface LoadOptions {
  /** Threads that one operation is spread over; all cores when left out. */
  readonly threads?: number;
}

let loaded: { readonly tf: TensorFlow; readonly threads: number | undefined } | undefined;

/**
 * Loads TensorFlow on the first call (about half a second) and gives the same module ever after.
 *
 * @throws TrainerError `E_NATIVE` where set-up has not run or its files are damaged.
 */
export async function loadTensorFlow(options: LoadOptions = {}): Promise<TensorFlow> {
  if (loaded !== undefined) {
    if (options.threads === undefined || options.threads === loaded.threads) return loaded.tf;
    throw new Error(
      `TensorFlow runs with ${loaded.threads ?? 'all'} threads, ${options.threads} come too late`,
    );
  }
  if (options.threads !== undefined) process.env['TF_NUM_INTRAOP_THREADS'] = String(options.threads);
  const files = findNativeFiles();
  try {
    loaded = { tf: loadTfjs(files), threads: options.threads };
  } catch (error) {
    throw explainLoadFailure(error, files);
  }
  await loaded.tf.ready();
  return loaded.tf;
}
