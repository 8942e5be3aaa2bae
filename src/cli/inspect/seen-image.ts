import { type LayerFeatures, retrieveFeatures, splitMaps } from '../../analyze/feature-maps.ts';
import { formatPercent } from '../../core/percent.ts';
import type { Model } from '../../model/model.ts';
import type { LayerShape } from '../../model/shapes.ts';
import { describeLayer, formatShape } from '../../model/summary.ts';
import { type RankedDigit, rankDigits } from '../../predict/rank-digits.ts';
import { fitScale, pixelScale } from '../../report/color-scale.ts';
import { wrapTiles } from '../../report/terminal-tiles.ts';
import type { Plane, TilePanel } from '../../report/tile-picture.ts';
import { chooseLayers } from './inspected-model.ts';

/** An image as a network sees it. */
export interface SeenImage {
  /** Ink light on black, [28, 28]. */
  readonly pixels: Uint8Array;
  /** What every layer makes of it. */
  readonly features: readonly LayerFeatures[];
  /** Those of the layers that are looked at. */
  readonly maps: readonly LayerMaps[];
  readonly ranking: readonly RankedDigit[];
}

/** A layer of a network and what it makes of an image, [H, W, C]. */
export interface LayerMaps {
  readonly shape: LayerShape;
  readonly features: LayerFeatures;
}

/** Runs an image through a network; the maps are of the layers that give some, or of the one that is asked for. */
export function seeImage(model: Model, pixels: Uint8Array, layer: string | undefined): SeenImage {
  const features = retrieveFeatures(model, pixels);
  const isShown = ({ outputShape }: LayerShape) => outputShape.length === 3;
  const maps = chooseLayers(model, layer, { isShown, kind: 'layer with maps' }).flatMap((shape) => {
    const own = features.find(({ name }) => name === shape.name);
    return own === undefined ? [] : [{ shape, features: own }];
  });
  return { pixels, features, maps, ranking: rankDigits(features.at(-1)?.values ?? new Float32Array()) };
}

/** What an image is read as: "4 (99.8 %)". */
export function formatReading({ ranking: [best] }: SeenImage): string {
  return `${best?.digit} (${formatPercent(best?.score ?? 0, 1)})`;
}

/** A layer's name, its shape and what it is; and how many maps are drawn where that is not all. */
export function titleOf({ name, layer, outputShape }: LayerShape): string {
  const cut = (outputShape.at(-1) ?? 0) > mostMaps ? `, the first ${mostMaps} drawn` : '';
  return `${name}, ${formatShape(outputShape)}: ${describeLayer(layer)}${cut}`;
}

/** The maps of a layer as planes, the first 128 of more. */
export function takePlanes({ features }: LayerMaps): readonly Plane[] {
  const [height = 0, width = 0] = features.shape;
  return splitMaps(features)
    .slice(0, mostMaps)
    .map((values) => ({ values, height, width }));
}

/** Images, side by side, as a panel. */
export function layOutImages(images: readonly Uint8Array[], captions?: readonly string[]): TilePanel {
  const planes = images.map((pixels) => ({ values: Float32Array.from(pixels), width: 28, height: 28 }));
  return {
    heading: 'input, 28 x 28 x 1',
    legend: 'pixel',
    scale: pixelScale,
    rows: [{ ...(captions && { captions }), planes }],
    pixelSize: 4,
  };
}

/**
 * A layer's maps as a panel, a tile a channel. Those of a moved image stand below, row by row and on the same scale, and the
 * heading tells their change.
 */
export function layOutMaps(
  maps: LayerMaps,
  moved?: { readonly maps: LayerMaps; readonly change: number },
): TilePanel {
  const planes = takePlanes(maps);
  const columns = planes.length <= 8 ? 8 : 16;
  const after = moved && wrapTiles(takePlanes(moved.maps), columns);
  const change = moved === undefined ? '' : `; changed by ${formatPercent(moved.change, 0)}`;
  return {
    heading: `${titleOf(maps.shape)}${change}`,
    legend: 'activation',
    captionTitle: 'channel',
    scale: fitScale([maps, ...(moved ? [moved.maps] : [])].map(({ features }) => features.values)),
    rows: wrapTiles(planes, columns).flatMap((row, index) => [
      {
        ...(after && { label: 'before' }),
        captions: row.map((_, column) => String(index * columns + column)),
        planes: row,
      },
      ...(after ? [{ label: 'after', planes: after[index] ?? [] }] : []),
    ]),
    // A row fills about a thousand units.
    pixelSize: Math.max(1, Math.round((columns === 8 ? 112 : 56) / (maps.features.shape[1] ?? 1))),
  };
}

/** More would be more than a picture can hold. */
const mostMaps = 128;
