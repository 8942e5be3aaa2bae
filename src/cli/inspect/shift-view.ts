import { relativeChange } from '../../analyze/robustness.ts';
import { formatPercent } from '../../core/percent.ts';
import { formatTable, numberColumns, wordColumns } from '../../core/table.ts';
import { takeRange } from '../../data/split.ts';
import { type Shift, shiftImages } from '../../model/shift-images.ts';
import type { RankedDigit } from '../../predict/rank-digits.ts';
import { formatImage } from '../../report/half-block.ts';
import type { TilePanel } from '../../report/tile-picture.ts';
import { formatNext } from '../next-view.ts';
import { drawCurve, formatCurve, measureCurve } from './accuracy-curve.ts';
import type { InspectContext } from './inspect-options.ts';
import {
  drawTiles,
  findInspected,
  type InspectedModel,
  loadData,
  openDigitReader,
} from './inspected-model.ts';
import { type PickedImage, pickImage } from './picked-image.ts';
import { formatReading, layOutImages, layOutMaps, type SeenImage, seeImage } from './seen-image.ts';

/** Shows what a shift does to the reading and the maps of one image, and to the accuracy on the test images. */
export async function showShift(context: InspectContext): Promise<void> {
  const { options, output } = context;
  findInspected(context);
  let loading: ReturnType<typeof loadData> | undefined;
  const load = () => {
    loading ??= loadData(context);
    return loading;
  };
  const image = await pickImage(context, load);
  if (image === undefined) return;
  const loaded = options.images === 0 ? undefined : await load();
  if (loaded === undefined && options.images !== 0) return;
  const inspected = await openDigitReader(context);
  const moved = moveImage(context, inspected, image);
  if (!output.json) output.result(formatMove(moved, output.hasColor));
  const files = [...(await drawMove(inspected, moved))];
  const examples = loaded && takeRange(loaded.test, 0, options.images ?? loaded.test.count);
  const points = examples && (await measureCurve(context, inspected, examples));
  if (examples !== undefined) {
    if (points === undefined) return;
    if (!output.json) output.result(`\n${formatCurve(points, examples.count)}`);
    files.push(...(await drawCurve(inspected, points, examples.count)));
  }
  if (output.json) {
    const curve = examples && { images: examples.count, points };
    output.result({ model: inspected.name, ...summarize(moved), curve, files });
  } else output.wrote(files);
  output.next(formatNext(context, 'eval'));
}

/** An image before and after a shift, and what the network makes of both. */
interface MovedImage {
  readonly image: PickedImage;
  readonly shift: Shift;
  readonly before: SeenImage;
  readonly after: SeenImage;
  /** How much the features of each layer have changed, as a share of what they were. */
  readonly changes: readonly { readonly name: string; readonly change: number }[];
}

/** Shifts an image and runs it through the network before and after. */
function moveImage({ options }: InspectContext, { model }: InspectedModel, image: PickedImage): MovedImage {
  const shift = options.shift ?? { right: 0, down: 0 };
  const before = seeImage(model, image.pixels, options.layer);
  const after = seeImage(model, shiftImages(image.pixels, shift), options.layer);
  const changes = before.features.map(({ name, values }, index) => ({
    name,
    change: relativeChange(values, after.features[index]?.values ?? values),
  }));
  return { image, shift, before, after, changes };
}

/** The image before and after, its probabilities and how much each layer has changed, as text. */
function formatMove(moved: MovedImage, color: boolean): string {
  const { image, before, after, changes } = moved;
  const draw = ({ pixels }: SeenImage) => formatImage(pixels, { width: 28, height: 28, color });
  const scores = byDigit(after.ranking);
  const probabilities = byDigit(before.ranking).map((score, digit) => [
    String(digit),
    formatPercent(score, 1),
    formatPercent(scores[digit] ?? 0, 1),
  ]);
  const changeRows = changes.map(({ name, change }) => [name, formatPercent(change, 1)]);
  const changeTable = formatTable([...wordColumns(['layer']), ...numberColumns(['change'])], changeRows);
  return [
    `${image.title}\n${draw(before)}`,
    `shifted ${formatShift(moved.shift)}\n${draw(after)}`,
    `${formatReadings(moved)}\n${formatTable(numberColumns(['digit', 'before', 'after']), probabilities)}`,
    `how much each layer's features have changed\n${changeTable}`,
  ].join('\n\n');
}

/** Writes the picture of the image and its maps before and after; gives the paths, none without a folder. */
function drawMove(inspected: InspectedModel, moved: MovedImage): Promise<readonly string[]> {
  const { image, shift, before, after, changes } = moved;
  const panels = before.maps.flatMap((old, index) => {
    const maps = after.maps[index];
    const change = changes.find(({ name }) => name === old.shape.name)?.change ?? 0;
    return maps === undefined ? [] : [layOutMaps(old, { maps, change })];
  });
  return drawTiles(inspected, `shift-${image.name}-right${shift.right}-down${shift.down}`, {
    title: `${image.title}, shifted ${formatShift(shift)}`,
    subtitle: formatReadings(moved),
    panels: [
      layOutImages([before.pixels, after.pixels], ['before', 'after']),
      ...panels,
      layOutProbabilities(moved),
    ],
  });
}

/** The ten probabilities before and after. */
function layOutProbabilities({ before, after }: MovedImage): TilePanel {
  const toRow = (label: string, { ranking }: SeenImage) => ({
    label,
    captions: byDigit(ranking).map((score, digit) => `${digit}: ${formatPercent(score, 1)}`),
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
    rows: [toRow('before', before), toRow('after', after)],
    pixelSize: 18,
  };
}

/** Probabilities by digit, from a ranking. */
function byDigit(ranking: readonly RankedDigit[]): readonly number[] {
  return ranking.toSorted((one, other) => one.digit - other.digit).map(({ score }) => score);
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
  return `read as ${formatReading(before)} before, as ${formatReading(after)} after`;
}

function summarize({ image, shift, before, after, changes }: MovedImage) {
  return {
    image: image.title,
    label: image.label,
    shift,
    before: before.ranking,
    after: after.ranking,
    changes,
  };
}
