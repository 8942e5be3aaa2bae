import nodePath from 'node:path';
import { measureShifts } from '../../analyze/robustness.ts';
import { formatCount, writeFileAtomic } from '../../core/files.ts';
import type { Examples } from '../../data/split.ts';
import { formatShiftCsv, renderShiftCurve, type ShiftPoint } from '../../report/shift-curve.ts';
import { runInterruptible } from '../interrupt.ts';
import type { InspectContext } from './inspect-options.ts';
import type { InspectedModel } from './inspected-model.ts';
import { writePicture } from './picture-files.ts';
import { toShiftPoint } from './shift-text.ts';

/** Pixels to either side: beyond them hardly a digit is left to read. */
const reach = 10;

/** Measures the accuracy at each shift; `undefined` where a signal came. */
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
    for await (const measure of measureShifts(model, examples, reach)) {
      signal.throwIfAborted();
      points.push(toShiftPoint(measure));
    }
    return points;
  });
}

/** Writes the curve as picture and as table; gives the paths, none without a folder. */
export async function drawCurve(
  { name, model, folder }: InspectedModel,
  points: readonly ShiftPoint[],
  count: number,
): Promise<readonly string[]> {
  if (folder === undefined) return [];
  const still = points.find(({ shift }) => shift === 0);
  const picture = await renderShiftCurve(points, {
    title: `Accuracy on ${formatCount(count)} shifted test images`,
    subtitle: `network ${model.architecture.name}, ${name}; ${(100 * (still?.accuracy ?? 0)).toFixed(2)} % unshifted; bands are 95 % intervals`,
    chance: 0.1,
  });
  const files = writePicture(folder, 'shift-accuracy', picture);
  const csv = nodePath.join(folder, 'shift-accuracy.csv');
  writeFileAtomic(csv, formatShiftCsv(points));
  return [...files, csv];
}
