import { tf } from '../../backend/tf.ts';
import { isKnownOption, type TrainOptions, trainOptions } from '../../config/train-options.ts';
import type { LoadedExamples } from '../../data/load-examples.ts';
import type { Model } from '../../model/model.ts';
import { describeMachine, type RunConfig, toStoredOptions, toStoredPaths } from '../../run/run-config.ts';
import { nameKernels } from './kernels-note.ts';

/** The options that belong to the run, without those of this call, and the paths among them. */
export function describeOptions(options: TrainOptions): Pick<RunConfig, 'options' | 'paths'> {
  const kept = Object.fromEntries(
    Object.entries(options).filter(([key]) => key !== 'out' && isKnownOption(key)),
  );
  return { options: toStoredOptions(kept), paths: toStoredPaths(trainOptions, kept, options.out) };
}

/** The machine, and what on it computes: both have a say in the last bits. */
export function describeKernels(model: Model, options: TrainOptions): RunConfig['machine'] {
  return { ...describeMachine(options.threads), kernels: nameKernels(model) };
}

/** Number and hash of the images that the splits are cut from. */
export function describeData({ train, test }: LoadedExamples): RunConfig['data'] {
  return {
    train: { images: train.count, sha256: train.sha256 },
    test: { images: test.count, sha256: test.sha256 },
  };
}

/** Versions of all that has a say in the numbers. */
export function describeVersions(version: string): RunConfig['versions'] {
  return {
    'mnist-cnn': version,
    node: process.versions.node,
    tfjs: tf.version.tfjs,
    // The binding is not in the declared type of the backend.
    tensorflow: (tf.backend() as unknown as { binding: { TF_Version: string } }).binding.TF_Version,
  };
}
