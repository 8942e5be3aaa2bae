import nodePath from 'node:path';
import { resolveOptions } from '../../config/resolve.ts';
import { trainOptions } from '../../config/train-options.ts';
import { escapeText, TrainerError } from '../../core/errors.ts';
import type { NamedArray } from '../../core/tensor-file.ts';
import { type Architecture, architectureNames } from '../../model/architectures.ts';
import { refuseForeignModel } from '../../model/foreign-model.ts';
import { loadStoredModel, type StoredModel } from '../../model/saved-model.ts';
import { followShapes } from '../../model/shapes.ts';
import { checkWeights } from '../../model/weights.ts';
import { asOptionSource, hasRun, readRunConfig } from '../../run/run-config.ts';
import { type OpenedArchitecture, openArchitecture } from '../architecture-source.ts';
import type { CommandContext } from '../command.ts';
import { formatCommand } from '../command-line.ts';
import { requireFile } from '../model-source.ts';

/** The saved model that a new run starts from. */
export interface InitialModel {
  readonly folder: string;
  /** The value of `--arch` that names its network. */
  readonly arch: string;
  readonly network: OpenedArchitecture;
  readonly weights: readonly NamedArray[];
  /** SHA-256 of the weights. */
  readonly sha256: string;
}

type TrainContext = Pick<CommandContext<typeof trainOptions>, 'options' | 'origins'>;

/**
 * Loads the model that `--init` names, if it names one. Its network is the run's; `--arch` may name the same one.
 *
 * @throws TrainerError `E_USAGE` where `--arch` is another network, or is needed; as loading the model says.
 */
export async function openInitialModel({
  options,
  origins,
}: TrainContext): Promise<InitialModel | undefined> {
  const { init: folder } = options;
  if (folder === undefined) return undefined;
  refuseForeignModel(folder);
  requireFile(
    nodePath.join(folder, 'model.json'),
    `no model found in ${escapeText(folder)}: model.json does not exist`,
    {
      hint: 'Train one first, or name another folder with --init.',
      command: formatCommand('train', { flags: { out: folder } }),
    },
  );
  const stored = loadStoredModel(folder);
  const { arch, network } =
    origins.arch === 'default'
      ? await findNetwork(folder, stored)
      : { arch: options.arch, network: await openArchitecture(options.arch) };
  checkFit(folder, stored, network.architecture);
  return { folder, arch, network, weights: stored.arrays, sha256: stored.sha256 };
}

/** The network of a model folder, as its run or its metadata name it. */
async function findNetwork(
  folder: string,
  { metadata }: StoredModel,
): Promise<Pick<InitialModel, 'arch' | 'network'>> {
  if (hasRun(folder)) {
    const run = readRunConfig(folder);
    const table = { arch: trainOptions.arch };
    const file = asOptionSource(folder, run, table);
    const { arch } = resolveOptions(table, { flags: {}, environment: {}, file }).values;
    return { arch, network: await openArchitecture(arch, run.architecture) };
  }
  const name = metadata?.architecture;
  if (name !== undefined && architectureNames.includes(name)) {
    return { arch: name, network: await openArchitecture(name) };
  }
  throw new TrainerError(
    'E_USAGE',
    `cannot tell the network of ${escapeText(folder)}: nothing there names it`,
    {
      path: folder,
      hint: 'Name it with --arch: one of the built-in networks, or its file.',
    },
  );
}

/** Checks that a model's weights are of this network. @throws TrainerError `E_USAGE` naming both, and the first weight that differs. */
function checkFit(folder: string, stored: StoredModel, architecture: Architecture): void {
  const [found, wanted] = [stored.metadata?.architecture, architecture.name];
  const difference = findDifference(architecture, stored.arrays);
  const isOther = found !== undefined && found !== wanted;
  if (isOther || difference !== undefined) {
    const own = found === undefined ? 'a model of another tool' : `the network ${escapeText(found)}`;
    const why = difference === undefined ? '' : `: ${difference}`;
    throw new TrainerError(
      'E_USAGE',
      `${escapeText(folder)} holds ${own}, --arch is ${escapeText(wanted)}${why}`,
      {
        hint: 'Weights fit their own network only.',
        ...(found !== undefined && {
          retryWith: { arch: architectureNames.includes(found) ? found : undefined },
        }),
      },
    );
  }
  checkWeights(architecture, stored.arrays, folder);
}

/** The first weight that has another name or shape, in words. */
function findDifference(architecture: Architecture, arrays: readonly NamedArray[]): string | undefined {
  const wanted = followShapes(architecture).flatMap(({ weights }) => weights);
  for (let index = 0; index < Math.max(wanted.length, arrays.length); index++) {
    const [expected, found] = [describeWeight(wanted[index]), describeWeight(arrays[index])];
    if (expected !== found) return `expected ${expected}, found ${found}`;
  }
  return undefined;
}

function describeWeight(weight: Pick<NamedArray, 'name' | 'shape'> | undefined): string {
  return weight === undefined ? 'no more weights' : `${weight.name} of ${weight.shape.join(' x ')}`;
}
