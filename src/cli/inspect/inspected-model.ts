import nodePath from 'node:path';
import { escapeText, TrainerError } from '../../core/errors.ts';
import type { Model } from '../../model/model.ts';
import { followShapes, type LayerShape } from '../../model/shapes.ts';
import { formatShape } from '../../model/summary.ts';
import { writePicture } from '../../report/png.ts';
import type { TilePicture } from '../../report/tile-picture.ts';
import { loadModelExamples, type ModelExamples } from '../model-data.ts';
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

/** Loads the data of the model that the options name; `undefined` where a signal came. */
export function loadData(context: InspectContext): Promise<ModelExamples | undefined> {
  const source = findInspected(context);
  return loadModelExamples(source.type === 'folder' ? source.folder : undefined, context);
}

/** Opens the model that the options name. @throws TrainerError as `openModel` says. */
export async function openInspected(context: InspectContext): Promise<InspectedModel> {
  const source = findInspected(context);
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

/** What a view can show of a network. */
export interface LayerChoice {
  readonly isShown: (shape: LayerShape) => boolean;
  /** What it shows, for the error: "convolution". */
  readonly kind: string;
}

/**
 * The layers that `--layer` names, by name or by its number in the summary; all that can be shown where it is absent.
 *
 * @throws TrainerError `E_USAGE` with those that can be shown.
 */
export function chooseLayers(
  { architecture }: Model,
  layer: string | undefined,
  { isShown, kind }: LayerChoice,
): readonly LayerShape[] {
  const shapes = followShapes(architecture);
  const numberOf = (shape: LayerShape) => String(shapes.indexOf(shape) + 1);
  const shown = shapes.filter(isShown);
  if (shown.length === 0) throw layerError(`this network has no ${kind}`);
  if (layer === undefined) return shown;
  const found = shown.filter((shape) => shape.name === layer || numberOf(shape) === layer);
  if (found.length > 0) return found;
  const known = shown.map((shape) => `${shape.name} (${numberOf(shape)})`).join(', ');
  throw layerError(`--layer is "${escapeText(layer)}", expected a ${kind}: ${known}`);
}

/**
 * Draws tiles as a picture in the folder for pictures, its subtitle ending with the network and the model.
 *
 * @returns the paths, none without such a folder.
 */
export async function drawTiles(
  { name, model, folder }: InspectedModel,
  fileName: string,
  picture: TilePicture,
): Promise<readonly string[]> {
  if (folder === undefined) return [];
  const { renderTiles } = await import('../../report/tile-picture.ts');
  const subtitle = `${picture.subtitle}; network ${model.architecture.name}, ${name}`;
  return writePicture(folder, fileName, await renderTiles({ ...picture, subtitle }));
}

function layerError(message: string): TrainerError {
  const retryWith = { filters: undefined, maps: undefined, shift: undefined, layer: undefined };
  return new TrainerError('E_USAGE', message, { retryWith });
}
