import { type LayerFilters, takeFilters } from '../../analyze/filters.ts';
import { escapeText } from '../../core/errors.ts';
import { followShapes, hasFilters, type LayerShape } from '../../model/shapes.ts';
import { describeLayer } from '../../model/summary.ts';
import { readWeights } from '../../model/weights.ts';
import { fitScale, scaleTicks } from '../../report/color-scale.ts';
import { formatTiles, wrapTiles } from '../../report/terminal-tiles.ts';
import type { Plane, TilePanel, TileRow } from '../../report/tile-picture.ts';
import { chooseNextView, formatNext } from '../next-view.ts';
import { chooseLayers } from './chosen-layers.ts';
import type { InspectContext } from './inspect-options.ts';
import { openInspected } from './inspected-model.ts';
import { writePicture } from './picture-files.ts';

/** Draws the filters of the convolutions: in the terminal, and as pictures. */
export async function showFilters(context: InspectContext): Promise<void> {
  const { options, output } = context;
  const { name, model, folder } = await openInspected(context);
  const shapes = followShapes(model.architecture);
  const layers = chooseLayers(options.layer, {
    shapes,
    isShown: hasFilters,
    kind: 'convolution',
  });
  const weights = readWeights(model);
  const drawn = layers.map((shape) => ({ shape, filters: takeFilters(weights, shape.name) }));
  const files: string[] = [];
  for (const { shape, filters } of drawn) {
    const panel = layOut(filters);
    const title = titleOf(shape, filters);
    if (!output.json) output.result(`${title}\n${formatFilters(panel, filters, output.hasColor)}`);
    if (folder === undefined) continue;
    const { renderTiles } = await import('../../report/tile-picture.ts');
    const subtitle = `${describeLayer(shape.layer)}; network ${model.architecture.name}, ${name}`;
    const picture = await renderTiles({ title, subtitle, panels: [panel] });
    files.push(...writePicture(folder, `filters-${shape.name}`, picture));
  }
  if (output.json) output.result({ model: name, layers: drawn.map(summarize), files });
  else if (files.length > 0) output.note(`wrote ${files.map(escapeText).join(', ')}`);
  const view = chooseNextView(model.architecture, 0);
  output.next('maps' in view ? formatNext(context, 'inspect', view) : formatNext(context, 'eval'));
}

/** More would be too small to see, and more than a picture can hold. */
const mostTiles = 64;

/** Filters of one channel side by side; of more, a column each, a row for each channel that they look at. */
function layOut({ height, width, planes }: LayerFilters): TilePanel {
  const channelCount = planes[0]?.length ?? 0;
  const shown = planes.slice(0, mostTiles);
  const tileWidth = channelCount === 1 ? 60 : Math.max(shown.length, channelCount) <= 32 ? 25 : 20;
  const captions = shown.map((_, filter) => String(filter));
  const toPlane = (values: Float32Array | undefined): Plane => ({
    values: values ?? new Float32Array(width * height),
    width,
    height,
  });
  const rows: readonly TileRow[] =
    channelCount === 1
      ? wrapTiles(shown, 8).map((part, row) => ({
          captions: captions.slice(8 * row, 8 * row + 8),
          planes: part.map(([values]) => toPlane(values)),
        }))
      : Array.from({ length: Math.min(mostTiles, channelCount) }, (_, channel) => ({
          label: `channel ${channel}`,
          ...(channel === 0 ? { captions } : {}),
          planes: shown.map((filter) => toPlane(filter[channel])),
        }));
  return {
    legend: 'weight',
    captionTitle: 'filter',
    scale: fitScale(planes.flat()),
    rows,
    pixelSize: Math.max(1, Math.round(tileWidth / width)),
  };
}

function titleOf({ inputShape }: LayerShape, { name, height, width, planes }: LayerFilters): string {
  const channelCount = planes[0]?.length ?? 0;
  const channels = channelCount === 1 ? '1 input channel' : `${channelCount} input channels`;
  const isGrouped = channelCount < (inputShape.at(-1) ?? 0);
  const isCut = planes.length > mostTiles || channelCount > mostTiles;
  return `${name}: ${planes.length} filters of ${height} x ${width} over ${channels}${isGrouped ? ' of their group' : ''}${isCut ? `, the first ${mostTiles} drawn` : ''}`;
}

function formatFilters(panel: TilePanel, { planes }: LayerFilters, color: boolean): string {
  const rows = panel.rows.map((row) => row.planes);
  const isFlat = planes[0]?.length === 1;
  const { text, isWhole } = formatTiles({
    scale: panel.scale,
    rows: isFlat ? [rows.flat()] : rows,
    color,
    limit: 4,
  });
  const [low = 0] = scaleTicks(panel.scale);
  const range = `black ${Number(low.toPrecision(3))}, white ${Number(panel.scale.high.toPrecision(3))}`;
  const part = isWhole ? '' : '; as many as fit, the pictures show all';
  const order = isFlat ? '' : '; filters to the right, input channels down';
  return `${range}${order}${part}\n\n${text}\n`;
}

function summarize({ shape, filters }: { readonly shape: LayerShape; readonly filters: LayerFilters }) {
  const { name, height, width, planes } = filters;
  return {
    name,
    layer: describeLayer(shape.layer),
    shape: [height, width, planes[0]?.length ?? 0, planes.length],
    filters: planes.map((channels) =>
      channels.map((values) =>
        wrapTiles(
          Array.from(values, (value) => Number(value.toPrecision(6))),
          width,
        ),
      ),
    ),
  };
}
