import { type LayerFeatures, retrieveFeatures } from '../../analyze/feature-maps.ts';
import { escapeText } from '../../core/errors.ts';
import type { Model } from '../../model/layers.ts';
import { followShapes } from '../../model/shapes.ts';
import { rankDigits } from '../../predict/predict.ts';
import { scaleTicks } from '../../report/color-scale.ts';
import { formatImage } from '../../report/half-block.ts';
import { formatTiles, wrapTiles } from '../../report/terminal-tiles.ts';
import { pickFlags } from '../command-line.ts';
import { formatNext } from '../next-view.ts';
import { chooseLayers } from './chosen-layers.ts';
import type { InspectContext } from './inspect-options.ts';
import { findInspected, openDigitReader } from './inspected-model.ts';
import { type LayerMaps, layOutImage, layOutMaps, takePlanes, titleOf } from './map-panels.ts';
import { loadData, type PickedImage, pickImage } from './picked-image.ts';
import { writePicture } from './picture-files.ts';

/** Draws what the layers make of one image: in the terminal, and as a picture. */
export async function showMaps(context: InspectContext): Promise<void> {
  const { options, output } = context;
  findInspected(context);
  const image = await pickImage(context, () => loadData(context));
  if (image === undefined) return;
  const { name, model, folder } = await openDigitReader(context);
  const features = retrieveFeatures(model, image.pixels);
  const layers = chooseMaps(model, features, options.layer);
  const reading = formatReading(features);
  if (!output.json) output.result(formatMaps(image, layers, output.hasColor));
  const files: string[] = [];
  if (folder !== undefined) {
    const { renderTiles } = await import('../../report/tile-picture.ts');
    const title = `Feature maps of ${image.title}`;
    const subtitle = `${reading}; network ${model.architecture.name}, ${name}`;
    const panels = [layOutImage(image.pixels), ...layers.map(layOutMaps)];
    const part = options.layer === undefined ? '' : `-${layers[0]?.shape.name}`;
    const picture = await renderTiles({ title, subtitle, panels });
    files.push(...writePicture(folder, `maps-${image.name}${part}`, picture));
  }
  if (output.json) {
    const { title, label } = image;
    const ranking = rankDigits(features.at(-1)?.values ?? new Float32Array());
    output.result({ model: name, image: title, label, ranking, layers: layers.map(summarize), files });
  } else output.result(reading);
  if (!output.json && files.length > 0) output.note(`wrote ${files.map(escapeText).join(', ')}`);
  const same = pickFlags(context.flags, ['image', 'index', 'split']);
  output.next(formatNext(context, 'inspect', { shift: 2, ...same }));
}

/** The layers that have maps, or the requested one, with their maps of the image. */
export function chooseMaps(
  model: Model,
  features: readonly LayerFeatures[],
  layer: string | undefined,
): readonly LayerMaps[] {
  const shapes = followShapes(model.architecture);
  const isShown = ({ outputShape }: (typeof shapes)[number]) => outputShape.length === 3;
  return chooseLayers(layer, { shapes, isShown, kind: 'layer with maps' }).flatMap((shape) => {
    const own = features.find(({ name }) => name === shape.name);
    return own === undefined ? [] : [{ shape, features: own }];
  });
}

/** "read as 4 (99.8 %)", from the last layer's logits. */
function formatReading(features: readonly LayerFeatures[]): string {
  const [best] = rankDigits(features.at(-1)?.values ?? new Float32Array());
  return `read as ${best?.digit} (${(100 * (best?.score ?? 0)).toFixed(1)} %)`;
}

function formatMaps(image: PickedImage, layers: readonly LayerMaps[], color: boolean): string {
  const input = `${image.title}\n${formatImage(image.pixels, { width: 28, height: 28, color })}`;
  const parts = layers.map(({ shape, features }) => {
    const planes = takePlanes(features);
    const { scale } = layOutMaps({ shape, features });
    const { text, isWhole } = formatTiles({ scale, rows: [planes], color, limit: 4 });
    const [low = 0] = scaleTicks(scale);
    const range = `black ${Number(low.toPrecision(3))}, white ${Number(scale.high.toPrecision(3))}`;
    const part = isWhole ? '' : '; only as many as fit, the picture shows more';
    return `${titleOf(shape, planes.length)}\n${range}${part}\n\n${text}`;
  });
  return `${[input, ...parts].join('\n\n')}\n`;
}

function summarize({ shape, features }: LayerMaps) {
  const [, width = 1, channels = 1] = features.shape;
  const values = Array.from(features.values, (value) => Number(value.toPrecision(6)));
  return {
    name: shape.name,
    shape: features.shape,
    values: wrapTiles(wrapTiles(values, channels), width),
  };
}
