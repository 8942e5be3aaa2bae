import nodePath from 'node:path';
import { formatCount, writeFileAtomic } from '../core/files.ts';
import type { ResultsRow } from '../run/results-table.ts';
import { toCurvePoint } from './curve-series.ts';
import { renderCurves } from './curves.ts';

/** Draws a run's log points as `curves.svg` and `curves.png` into its model folder. */
export async function writeCurves(
  folder: string,
  architecture: string,
  points: readonly ResultsRow[],
): Promise<void> {
  const last = points.at(-1);
  const result =
    last && `test accuracy ${(last.test.accuracy * 100).toFixed(2)} % after ${formatCount(last.step)} steps`;
  const { svg, png } = await renderCurves(points.map(toCurvePoint), {
    title: `${architecture}: ${result ?? 'no log point'}`,
  });
  writeFileAtomic(nodePath.join(folder, 'curves.svg'), svg);
  writeFileAtomic(nodePath.join(folder, 'curves.png'), png);
}
