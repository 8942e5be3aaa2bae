import { type LayerFeatures, retrieveFeatures } from '../../analyze/feature-maps.ts';
import { relativeChange, type Shift, shiftImages } from '../../analyze/robustness.ts';
import type { Model } from '../../model/layers.ts';
import { type RankedDigit, rankDigits } from '../../predict/predict.ts';
import { formatImage } from '../../report/half-block.ts';
import type { InspectContext } from './inspect-options.ts';
import type { InspectedModel } from './inspected-model.ts';
import type { LayerMaps } from './map-panels.ts';
import { chooseMaps } from './maps-view.ts';
import type { PickedImage } from './picked-image.ts';
import { writePicture } from './picture-files.ts';
import { layOutBoth, layOutImages, layOutProbabilities } from './shift-panels.ts';
import { formatChanges, formatProbabilities, type LayerChange } from './shift-text.ts';

/** An image before and after a shift, and what the network makes of both. */
export interface MovedImage {
  readonly image: PickedImage;
  readonly shift: Shift;
  readonly before: SeenImage;
  readonly after: SeenImage;
  /** How much the features of each layer have changed. */
  readonly changes: readonly LayerChange[];
}

/** An image as a network sees it. */
interface SeenImage {
  readonly pixels: Uint8Array;
  readonly maps: readonly LayerMaps[];
  readonly ranking: readonly RankedDigit[];
}

/** Shifts an image and runs it through the network before and after. */
export function moveImage(
  { options }: InspectContext,
  { model }: InspectedModel,
  image: PickedImage,
): MovedImage {
  const shift = options.shift ?? { right: 0, down: 0 };
  const pixels = shiftImages(image.pixels, shift);
  const [before, after] = [retrieveFeatures(model, image.pixels), retrieveFeatures(model, pixels)];
  const changes = before.map(({ name, values }, index) => ({
    name,
    change: relativeChange(values, after[index]?.values ?? values),
  }));
  const see = (seen: Uint8Array, features: readonly LayerFeatures[]) =>
    seeImage(model, { pixels: seen, features, layer: options.layer });
  return { image, shift, before: see(image.pixels, before), after: see(pixels, after), changes };
}

/** The image before and after, its probabilities and how much each layer has changed, as text. */
export function formatMove(moved: MovedImage, color: boolean): string {
  const { image, before, after, changes } = moved;
  const draw = (pixels: Uint8Array) => formatImage(pixels, { width: 28, height: 28, color });
  return [
    `${image.title}\n${draw(before.pixels)}`,
    `shifted ${formatShift(moved.shift)}\n${draw(after.pixels)}`,
    `${formatReadings(moved)}\n${formatProbabilities(before.ranking, after.ranking)}`,
    `how much each layer's features have changed\n${formatChanges(changes)}`,
  ].join('\n\n');
}

/** Writes the picture of the image and its maps before and after; gives the paths, none without a folder. */
export async function drawMove(inspected: InspectedModel, moved: MovedImage): Promise<readonly string[]> {
  const { image, shift, before, after, changes } = moved;
  const { name, model, folder } = inspected;
  if (folder === undefined) return [];
  const { renderTiles } = await import('../../report/tile-picture.ts');
  const panels = before.maps.flatMap((old, index) => {
    const young = after.maps[index];
    const change = changes.find((each) => each.name === old.shape.name)?.change ?? 0;
    return young === undefined ? [] : [layOutBoth({ before: old, after: young }, change)];
  });
  const picture = await renderTiles({
    title: `${image.title}, shifted ${formatShift(shift)}`,
    subtitle: `${formatReadings(moved)}; network ${model.architecture.name}, ${name}`,
    panels: [
      layOutImages({ before: before.pixels, after: after.pixels }),
      ...panels,
      layOutProbabilities({ before: before.ranking, after: after.ranking }),
    ],
  });
  return writePicture(folder, `shift-${image.name}-right${shift.right}-down${shift.down}`, picture);
}

function seeImage(
  model: Model,
  {
    pixels,
    features,
    layer,
  }: {
    readonly pixels: Uint8Array;
    readonly features: readonly LayerFeatures[];
    readonly layer: string | undefined;
  },
): SeenImage {
  const ranking = rankDigits(features.at(-1)?.values ?? new Float32Array());
  return { pixels, maps: chooseMaps(model, features, layer), ranking };
}

/** "3 pixels right and 2 pixels up". */
function formatShift({ right, down }: Shift): string {
  const along = (pixels: number, words: readonly [forward: string, back: string]) =>
    pixels === 0
      ? []
      : [`${Math.abs(pixels)} ${Math.abs(pixels) === 1 ? 'pixel' : 'pixels'} ${words[pixels > 0 ? 0 : 1]}`];
  return [...along(right, ['right', 'left']), ...along(down, ['down', 'up'])].join(' and ') || '0 pixels';
}

function formatReadings({ before, after }: MovedImage): string {
  const best = ([first]: readonly RankedDigit[]) =>
    `${first?.digit} (${(100 * (first?.score ?? 0)).toFixed(1)} %)`;
  return `read as ${best(before.ranking)} before, as ${best(after.ranking)} after`;
}
