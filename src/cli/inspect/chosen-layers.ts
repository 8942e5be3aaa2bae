import { escapeText, TrainerError } from '../../core/errors.ts';
import type { LayerShape } from '../../model/shapes.ts';

/** What a view can show of a network. */
export interface LayerChoice {
  /** All layers of the network, in order. */
  readonly shapes: readonly LayerShape[];
  /** Whether the view can show it. */
  readonly isShown: (shape: LayerShape) => boolean;
  /** What it shows, for the error: "convolution". */
  readonly kind: string;
}

/**
 * The layers that `--layer` names, by name or by its number in the summary; all that can be shown where it is absent.
 *
 * @throws TrainerError `E_USAGE` with those that can be shown.
 */
export function chooseLayers(layer: string | undefined, choice: LayerChoice): readonly LayerShape[] {
  const { shapes, isShown, kind } = choice;
  const shown = shapes.filter(isShown);
  if (shown.length === 0) throw usageError(`this network has no ${kind}`);
  if (layer === undefined) return shown;
  const found = shown.filter((shape) => shape.name === layer || numberOf(shapes, shape) === layer);
  if (found.length > 0) return found;
  const known = shown.map((shape) => `${shape.name} (${numberOf(shapes, shape)})`).join(', ');
  throw usageError(`--layer is "${escapeText(layer)}", expected a ${kind}: ${known}`);
}

function numberOf(shapes: readonly LayerShape[], shape: LayerShape): string {
  return String(shapes.indexOf(shape) + 1);
}

function usageError(message: string): TrainerError {
  const retryWith = { filters: undefined, maps: undefined, shift: undefined, layer: undefined };
  return new TrainerError('E_USAGE', message, { retryWith });
}
