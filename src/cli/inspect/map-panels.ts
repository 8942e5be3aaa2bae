import { type LayerFeatures, splitMaps } from '../../analyze/feature-maps.ts';
import type { LayerShape } from '../../model/shapes.ts';
import { describeLayer, formatShape } from '../../model/summary.ts';
import { fitScale, pixelScale } from '../../report/color-scale.ts';
import { wrapTiles } from '../../report/terminal-tiles.ts';
import type { Plane, TilePanel } from '../../report/tile-picture.ts';

/** A layer of a network and what it makes of an image, [H, W, C]. */
export interface LayerMaps {
  readonly shape: LayerShape;
  readonly features: LayerFeatures;
}

/** More would be more than a picture can hold. */
const mostMaps = 128;

/** The image itself as a panel. */
export function layOutImage(pixels: Uint8Array): TilePanel {
  return {
    heading: 'input, 28 x 28 x 1',
    legend: 'pixel',
    scale: pixelScale,
    rows: [{ planes: [toPlane(Float32Array.from(pixels), [28, 28])] }],
    pixelSize: 4,
  };
}

/** A layer's maps as a panel, one tile a channel. */
export function layOutMaps({ shape, features }: LayerMaps): TilePanel {
  const planes = takePlanes(features);
  const columns = columnsFor(planes.length);
  return {
    heading: titleOf(shape, planes.length),
    legend: 'activation',
    captionTitle: 'channel',
    scale: fitScale([features.values]),
    rows: wrapTiles(planes, columns).map((row, index) => ({
      captions: row.map((_, column) => String(index * columns + column)),
      planes: row,
    })),
    pixelSize: pixelSizeFor(features, columns),
  };
}

/** The maps of a layer as planes, the first 128 of more. */
export function takePlanes(features: LayerFeatures): readonly Plane[] {
  return splitMaps(features)
    .slice(0, mostMaps)
    .map((values) => toPlane(values, features.shape));
}

/** A layer's name, its shape and what it is; and how many maps are drawn where that is not all. */
export function titleOf({ name, layer, outputShape }: LayerShape, drawn: number): string {
  const cut = (outputShape.at(-1) ?? 0) > drawn ? `, the first ${drawn} drawn` : '';
  return `${name}, ${formatShape(outputShape)}: ${describeLayer(layer)}${cut}`;
}

/** Tiles a row, so that a layer of few maps shows them large and one of many all of them. */
export function columnsFor(count: number): number {
  return count <= 8 ? 8 : 16;
}

/** How large a value is drawn so that a row fills about a thousand units. */
export function pixelSizeFor({ shape }: LayerFeatures, columns: number): number {
  return Math.max(1, Math.round((columns === 8 ? 112 : 56) / (shape[1] ?? 1)));
}

function toPlane(values: Float32Array, [height = 0, width = 0]: readonly number[]): Plane {
  return { values, width, height };
}
