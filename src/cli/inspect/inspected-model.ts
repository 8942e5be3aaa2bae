import nodePath from 'node:path';
import { loadTensorFlow } from '../../backend/tf.ts';
import { TrainerError } from '../../core/errors.ts';
import type { Model } from '../../model/layers.ts';
import { followShapes } from '../../model/shapes.ts';
import { formatShape } from '../../model/summary.ts';
import {
  checkModelSource,
  findModelSource,
  formatModelSource,
  type ModelSource,
  openModel,
} from '../model-source.ts';
import type { InspectContext } from './inspect-options.ts';

/** A model to look into. */
export interface InspectedModel {
  /** The folder, the file, or "untrained cnn". */
  readonly name: string;
  readonly model: Model;
  /** Where pictures go; without a model folder and `--out-dir` there is no such place. */
  readonly folder: string | undefined;
}

/** The model that the options name, looked for before anything is loaded. @throws TrainerError as `checkModelSource` says. */
export function findInspected({ options, origins }: InspectContext): ModelSource {
  const source = findModelSource(options, origins, 'inspect');
  checkModelSource(source);
  return source;
}

/** Opens the model that the options name. @throws TrainerError as `openModel` says. */
export async function openInspected(context: InspectContext): Promise<InspectedModel> {
  const source = findInspected(context);
  await loadTensorFlow();
  const model = await openModel(source, context.output);
  const ownFolder = source.type === 'folder' ? nodePath.join(source.folder, 'inspect') : undefined;
  return { name: formatModelSource(source), model, folder: context.options.outDir ?? ownFolder };
}

/** Opens a model that takes one digit. @throws TrainerError `E_USAGE` where it takes anything else. */
export async function openDigitReader(context: InspectContext): Promise<InspectedModel> {
  const inspected = await openInspected(context);
  const { architecture } = inspected.model;
  const inputShape = followShapes(architecture)[0]?.inputShape ?? [];
  if (inputShape.join() === '28,28,1') return inspected;
  throw new TrainerError(
    'E_USAGE',
    `the network ${architecture.name} takes ${formatShape(inputShape)} values, but one digit has 28 x 28 x 1`,
  );
}
