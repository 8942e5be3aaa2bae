import type { RankedDigit } from '../../predict/predict.ts';
import { fitScale, pixelScale } from '../../report/color-scale.ts';
import { wrapTiles } from '../../report/terminal-tiles.ts';
import type { TilePanel } from '../../report/tile-picture.ts';
import { columnsFor, type LayerMaps, layOutImage, pixelSizeFor, takePlanes, titleOf } from './map-panels.ts';
import { byDigit } from './shift-text.ts';

/** The same thing of the image as it was, and of the shifted one. */
export interface BeforeAfter<Value> {
  readonly before: Value;
  readonly after: Value;
}

/** The image before and after, side by side. */
export function layOutImages({ before, after }: BeforeAfter<Uint8Array>): TilePanel {
  const planes = [before, after].flatMap((pixels) => layOutImage(pixels).rows[0]?.planes ?? []);
  return {
    heading: 'input, 28 x 28 x 1',
    legend: 'pixel',
    scale: pixelScale,
    rows: [{ captions: ['before', 'after'], planes }],
    pixelSize: 4,
  };
}

/** A layer's maps before, and those after below them, on one scale; `change` is shown in percent. */
export function layOutBoth({ before, after }: BeforeAfter<LayerMaps>, change: number): TilePanel {
  const [old, young] = [takePlanes(before.features), takePlanes(after.features)];
  const columns = columnsFor(old.length);
  const newRows = wrapTiles(young, columns);
  return {
    heading: `${titleOf(before.shape, old.length)}; changed by ${Math.round(100 * change)} %`,
    legend: 'activation',
    captionTitle: 'channel',
    scale: fitScale([before.features.values, after.features.values]),
    rows: wrapTiles(old, columns).flatMap((planes, row) => [
      { label: 'before', captions: planes.map((_, index) => String(row * columns + index)), planes },
      { label: 'after', planes: newRows[row] ?? [] },
    ]),
    pixelSize: pixelSizeFor(before.features, columns),
  };
}

/** The ten probabilities before and after. */
export function layOutProbabilities(rankings: BeforeAfter<readonly RankedDigit[]>): TilePanel {
  const toRow = (label: string, ranking: readonly RankedDigit[]) => ({
    label,
    captions: byDigit(ranking).map((score, digit) => `${digit}: ${(100 * score).toFixed(1)} %`),
    planes: byDigit(ranking).map((score) => ({
      values: new Float32Array(4).fill(score),
      width: 4,
      height: 1,
    })),
  });
  return {
    heading: 'output, a probability for each digit',
    legend: 'probability',
    scale: { type: 'sequential', low: 0, high: 1 },
    rows: [toRow('before', rankings.before), toRow('after', rankings.after)],
    pixelSize: 18,
  };
}
