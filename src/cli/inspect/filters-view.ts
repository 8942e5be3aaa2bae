import { type LayerFilters, takeFilters } from '../../analyze/filters.ts';
import { hasFilters, type LayerShape } from '../../model/shapes.ts';
import { describeLayer } from '../../model/summary.ts';
import { readWeights } from '../../model/weights.ts';
import { fitScale } from '../../report/color-scale.ts';
import { formatGrayRange, formatTiles, wrapTiles } from '../../report/terminal-tiles.ts';
import type { Plane, TilePanel, TileRow } from '../../report/tile-picture.ts';
import { chooseNextView, formatNext } from '../next-view.ts';
import type { InspectContext } from './inspect-options.ts';
import { chooseLayers, drawTiles, openInspected } from './inspected-model.ts';

/** Draws the filters of the convolutions: in the terminal, and as pictures. */
export async function showFilters(context: InspectContext): Promise<void> {
  const { options, output } = context;
  const inspected = await openInspected(context);
  const { name, model } = inspected;
  const shapes = chooseLayers(model, options.layer, { isShown: hasFilters, kind: 'convolution' });
  const weights = readWeights(model);
  const layers = shapes.map((shape) => ({ shape, filters: takeFilters(weights, shape.name) }));
  const files: string[] = [];
  for (const { shape, filters } of layers) {
    const panel = layOut(filters);
    const title = titleOf(shape, filters);
    if (!output.json) output.result(`${title}\n${formatFilters(panel, filters, output.hasColor)}`);
    const picture = { title, subtitle: describeLayer(shape.layer), panels: [panel] };
    files.push(...(await drawTiles(inspected, `filters-${shape.name}`, picture)));
  }
  if (output.json) output.result({ model: name, layers: layers.map(summarize), files });
  else output.wrote(files);
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
  const part = isWhole ? '' : '; only as many as fit, the pictures show all';
  const order = isFlat ? '' : '; filters to the right, input channels down';
  return `${formatGrayRange(panel.scale)}${order}${part}\n\n${text}\n`;
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
