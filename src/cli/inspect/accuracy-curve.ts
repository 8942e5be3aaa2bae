import { measureShifts } from '../../analyze/robustness.ts';
import { formatCount, writeFiles } from '../../core/files.ts';
import { formatPercent } from '../../core/percent.ts';
import { formatTable, numberColumns } from '../../core/table.ts';
import type { Examples } from '../../data/split.ts';
import { wilsonInterval } from '../../evaluate/interval.ts';
import { formatShiftCsv, renderShiftCurve, type ShiftPoint } from '../../report/shift-curve.ts';
import { runInterruptible } from '../interrupt.ts';
import type { InspectContext } from './inspect-options.ts';
import type { InspectedModel } from './inspected-model.ts';

/** Pixels to either side: beyond them hardly a digit is left to read. */
const reach = 10;

/** Measures the accuracy at each shift, with its 95 % interval; `undefined` where a signal came. */
export function measureCurve(
  { output }: InspectContext,
  { model }: InspectedModel,
  examples: Examples,
): Promise<readonly ShiftPoint[] | undefined> {
  output.note(
    `measuring ${formatCount(examples.count)} test images, shifted by -${reach} to ${reach} pixels`,
  );
  return runInterruptible(output, 'Stopping.', async (signal) => {
    const points: ShiftPoint[] = [];
    for await (const { correct, count, ink, ...place } of measureShifts(model, examples, reach)) {
      signal.throwIfAborted();
      points.push({ ...place, accuracy: correct / count, ...wilsonInterval(correct, count), ink });
    }
    return points;
  });
}

/** Accuracy against shift as text, a row for each number of pixels. */
export function formatCurve(points: readonly ShiftPoint[], count: number): string {
  const down = points.filter(({ direction }) => direction === 'down');
  const format = (point: ShiftPoint | undefined) => [
    formatPercent(point?.accuracy ?? 0, 1),
    formatPercent(point?.ink ?? 0, 1),
  ];
  const rows = points
    .filter(({ direction }) => direction === 'right')
    .map((point, index) => [String(point.shift), ...format(point), ...format(down[index])]);
  const columns = numberColumns(['shift', 'right', 'ink left', 'down', 'ink left']);
  return `accuracy on ${formatCount(count)} test images, shifted by so many pixels\n${formatTable(columns, rows)}`;
}

/** Writes the curve as picture and as table; gives the paths, none without a folder. */
export async function drawCurve(
  { name, model, folder }: InspectedModel,
  points: readonly ShiftPoint[],
  count: number,
): Promise<readonly string[]> {
  if (folder === undefined) return [];
  const still = points.find(({ shift }) => shift === 0);
  const { svg, png } = await renderShiftCurve(points, {
    title: `Accuracy on ${formatCount(count)} shifted test images`,
    subtitle: `network ${model.architecture.name}, ${name}; ${formatPercent(still?.accuracy ?? 0)} unshifted; bands are 95 % intervals`,
    chance: 0.1,
  });
  const csv = formatShiftCsv(points);
  return writeFiles(folder, {
    'shift-accuracy.svg': svg,
    'shift-accuracy.png': png,
    'shift-accuracy.csv': csv,
  });
}
