import { trainOptions } from '../config/train-options.ts';
import {
  type Architecture,
  architectureNames,
  findArchitecture,
  isArchitectureFile,
} from '../model/architectures.ts';

/** The options of `train`, with the networks that `--arch` may name: the option tables know nothing of networks. */
export const trainFlags: typeof trainOptions = {
  ...trainOptions,
  arch: {
    ...trainOptions.arch,
    description: `${trainOptions.arch.description}: ${architectureNames.join(', ')}, or a file *.json or *.yaml`,
  },
};

/** A network, and what its file said where it came from one. */
export interface OpenedArchitecture {
  readonly architecture: Architecture;
  readonly source?: unknown;
}

/**
 * The network that `--arch` names: one of the built-in ones, a file, or, for a run that is resumed, the file as it was then.
 *
 * @throws TrainerError `E_USAGE` for an unknown name, `E_NO_INPUT` or `E_MODEL_FORMAT` for a file.
 */
export async function openArchitecture(name: string, stored?: unknown): Promise<OpenedArchitecture> {
  if (!isArchitectureFile(name)) return { architecture: findArchitecture(name) };
  // With it comes the schema library.
  const { loadArchitectureFile, restoreArchitecture } = await import('../model/architecture-file.ts');
  return stored === undefined
    ? loadArchitectureFile(name)
    : { architecture: restoreArchitecture(stored), source: stored };
}
