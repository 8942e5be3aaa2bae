import nodePath from 'node:path';
import { loadTensorFlow } from '../../backend/tf.ts';
import type { Model } from '../../model/layers.ts';
import { checkModelSource, findModelSource, formatModelSource, openModel } from '../model-source.ts';
import type { InspectContext } from './inspect-options.ts';

/** A model to look into. */
export interface InspectedModel {
  /** The folder, the file, or "untrained cnn". */
  readonly name: string;
  readonly model: Model;
  /** Where pictures go; without a model folder and `--out-dir` there is no such place. */
  readonly folder: string | undefined;
}

/** Opens the model that the options name. @throws TrainerError as `findModelSource` and `openModel` say. */
export async function openInspected({ options, origins }: InspectContext): Promise<InspectedModel> {
  const source = findModelSource(options, origins, 'inspect');
  checkModelSource(source);
  await loadTensorFlow();
  const model = await openModel(source);
  const ownFolder = source.type === 'folder' ? nodePath.join(source.folder, 'inspect') : undefined;
  return { name: formatModelSource(source), model, folder: options.outDir ?? ownFolder };
}
