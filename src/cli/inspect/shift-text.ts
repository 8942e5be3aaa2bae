import type { ShiftMeasure } from '../../analyze/robustness.ts';
import { formatCount } from '../../core/files.ts';
import { wilsonInterval } from '../../evaluate/interval.ts';
import type { RankedDigit } from '../../predict/predict.ts';
import type { ShiftPoint } from '../../report/shift-curve.ts';
import { formatTable, numberColumns } from '../../report/table.ts';

/** A layer and how much its features have changed, as a share of what they were. */
export interface LayerChange {
  readonly name: string;
  readonly change: number;
}

/** Each digit's probability before and after, the digits in order. */
export function formatProbabilities(before: readonly RankedDigit[], after: readonly RankedDigit[]): string {
  const rows = byDigit(before).map((score, digit) => [
    String(digit),
    percent(score),
    percent(byDigit(after)[digit] ?? 0),
  ]);
  return formatTable(numberColumns(['digit', 'before', 'after']), rows);
}

/** How much each layer's features have changed. */
export function formatChanges(changes: readonly LayerChange[]): string {
  return formatTable(
    [
      { title: 'layer', align: 'left' },
      { title: 'change', align: 'right' },
    ],
    changes.map(({ name, change }) => [name, percent(change)]),
  );
}

/** Accuracy against shift, a row for each number of pixels. */
export function formatCurve(points: readonly ShiftPoint[], count: number): string {
  const along = (direction: ShiftPoint['direction']) =>
    points.filter((point) => point.direction === direction);
  const down = along('down');
  const rows = along('right').map(({ shift, accuracy, ink }, index) => [
    String(shift),
    percent(accuracy),
    percent(ink),
    percent(down[index]?.accuracy ?? 0),
    percent(down[index]?.ink ?? 0),
  ]);
  const titles = ['shift', 'right', 'ink left', 'down', 'ink left'];
  return `accuracy on ${formatCount(count)} test images, shifted by this many pixels\n${formatTable(numberColumns(titles), rows)}`;
}

/** A measurement as the curve draws it, with its 95 % interval. */
export function toShiftPoint({ direction, shift, correct, count, ink }: ShiftMeasure): ShiftPoint {
  return { direction, shift, accuracy: correct / count, ...wilsonInterval(correct, count), ink };
}

/** Probabilities by digit, from a ranking. */
export function byDigit(ranking: readonly RankedDigit[]): readonly number[] {
  return ranking.toSorted((one, other) => one.digit - other.digit).map(({ score }) => score);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
