import { formatImage } from '../../report/half-block.ts';
import { formatGrayRange, formatTiles, wrapTiles } from '../../report/terminal-tiles.ts';
import { pickFlags } from '../command-line.ts';
import { formatNext } from '../next-view.ts';
import type { InspectContext } from './inspect-options.ts';
import { drawTiles, findInspected, loadData, openDigitReader } from './inspected-model.ts';
import { pickImage } from './picked-image.ts';
import {
  formatReading,
  type LayerMaps,
  layOutImages,
  layOutMaps,
  type SeenImage,
  seeImage,
  takePlanes,
  titleOf,
} from './seen-image.ts';

/** Draws what the layers make of one image: in the terminal, and as a picture. */
export async function showMaps(context: InspectContext): Promise<void> {
  const { options, output } = context;
  findInspected(context);
  const image = await pickImage(context, () => loadData(context));
  if (image === undefined) return;
  const { title, label } = image;
  const inspected = await openDigitReader(context);
  const seen = seeImage(inspected.model, image.pixels, options.layer);
  const { maps, ranking } = seen;
  const reading = `read as ${formatReading(seen)}`;
  if (!output.json) output.result(formatMaps(title, seen, output.hasColor));
  const part = options.layer === undefined ? '' : `-${maps[0]?.shape.name}`;
  const files = await drawTiles(inspected, `maps-${image.name}${part}`, {
    title: `Feature maps of ${title}`,
    subtitle: reading,
    panels: [layOutImages([image.pixels]), ...maps.map((each) => layOutMaps(each))],
  });
  if (output.json) {
    output.result({
      model: inspected.name,
      image: title,
      label,
      ranking,
      layers: maps.map(summarize),
      files,
    });
  } else {
    output.result(reading);
    output.wrote(files);
  }
  const same = pickFlags(context.flags, ['image', 'index', 'split']);
  output.next(formatNext(context, 'inspect', { shift: 2, ...same }));
}

function formatMaps(title: string, { pixels, maps }: SeenImage, color: boolean): string {
  const input = `${title}\n${formatImage(pixels, { width: 28, height: 28, color })}`;
  const parts = maps.map((each) => {
    const { scale } = layOutMaps(each);
    const { text, isWhole } = formatTiles({ scale, rows: [takePlanes(each)], color, limit: 4 });
    const part = isWhole ? '' : '; only as many as fit, the picture shows more';
    return `${titleOf(each.shape)}\n${formatGrayRange(scale)}${part}\n\n${text}`;
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
