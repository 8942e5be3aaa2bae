import { TrainerError } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import type { Network } from '../../model/ensemble.ts';
import type { SavedModel } from '../../model/saved-model.ts';
import { countParameters } from '../../model/shapes.ts';
import { formatModelSource, type ModelSource, openSavedModel } from '../model-source.ts';
import type { Output } from '../output.ts';

/** One model or several, which are measured as one. */
export type MeasuredModels = readonly [MeasuredModel, ...MeasuredModel[]];

interface MeasuredModel extends SavedModel {
  readonly name: string;
}

/** The names of the models in a sentence: `a`, `a and b`, `a, b and c`. */
export function nameModels(sources: readonly ModelSource[]): string {
  const names = sources.map(formatModelSource);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

/**
 * Opens models, and makes networks of them whose probabilities are averaged if there are several models or `testShifts` is set.
 *
 * @throws TrainerError as `openSavedModel` says, and `E_USAGE` for an adding machine that would be averaged.
 */
export async function openModels(
  [first, ...others]: readonly [ModelSource, ...ModelSource[]],
  testShifts: boolean,
  output: Pick<Output, 'note'>,
): Promise<{ readonly models: MeasuredModels; readonly networks: readonly Network[] }> {
  const isAveraged = testShifts || others.length > 0;
  const open = async (source: ModelSource) => {
    const saved = { ...(await openSavedModel(source, output)), name: formatModelSource(source) };
    if (isAveraged && saved.model.architecture.task === 'sum') throw notAveraged(source);
    return saved;
  };
  const models: [MeasuredModel, ...MeasuredModel[]] = [await open(first)];
  for (const source of others) models.push(await open(source));
  // With it comes the schema library, which --help need not wait for.
  const { createNetworks } = await import('../../model/create-networks.ts');
  return { models, networks: createNetworks(models, testShifts) };
}

function notAveraged(source: ModelSource): TrainerError {
  const name = formatModelSource(source);
  return new TrainerError(
    'E_USAGE',
    `${name} adds two digits; only models that read one digit can be averaged`,
    {
      hint: 'To measure it by itself:',
      retryWith: {
        ...(source.type === 'folder' && { model: source.folder }),
        testShifts: undefined,
        suite: undefined,
      },
    },
  );
}

/** What is measured, as JSON: one model, or a list of them. */
export function describeModels(models: MeasuredModels, testShifts: boolean) {
  const [first, ...others] = models.map(({ name, model: { architecture } }) => ({
    model: name,
    architecture: architecture.name,
    parameters: countParameters(architecture),
  }));
  return {
    ...(others.length === 0 ? first : { models: [first, ...others] }),
    ...(testShifts && { testShifts }),
  };
}

/** The same in words, a line for each model and one for what is averaged. */
export function formatModels(models: MeasuredModels, testShifts: boolean): string {
  const lines = models.map(({ name, model: { architecture } }) => {
    const parameters = formatCount(countParameters(architecture));
    return `${name}: network ${architecture.name}, ${parameters} parameters`;
  });
  const averaged = [
    ...(models.length > 1 ? [`${models.length} models`] : []),
    ...(testShifts ? ['5 positions of each image'] : []),
  ];
  return [...lines, ...(averaged.length > 0 ? [`averaged over ${averaged.join(' and ')}`] : [])].join('\n');
}
