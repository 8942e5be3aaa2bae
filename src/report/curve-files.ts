import { formatCount } from '../core/files.ts';
import { formatPercent } from '../core/percent.ts';
import type { ResultsRow } from '../run/results-table.ts';
import { toCurvePoint } from './curve-series.ts';
import { renderCurves } from './curves.ts';
import { writePicture } from './png.ts';

/** A run as its curves show it. */
export interface DrawnRun {
  readonly architecture: string;
  readonly points: readonly ResultsRow[];
  /** The step whose weights the model holds. */
  readonly keptStep: number;
}

/** Draws a run's log points as `curves.svg` and `curves.png` into its model folder; the title gives the kept weights' score. */
export async function writeCurves(folder: string, run: DrawnRun): Promise<void> {
  const picture = await renderCurves(run.points.map(toCurvePoint), { title: formatTitle(run) });
  writePicture(folder, 'curves', picture);
}

function formatTitle({ architecture, points, keptStep }: DrawnRun): string {
  const kept = points.findLast(({ step }) => step === keptStep);
  if (kept === undefined) return `${architecture}: no log point`;
  const lastStep = points.at(-1)?.step ?? keptStep;
  const when = lastStep === keptStep ? '' : `${formatCount(keptStep)} of `;
  return `${architecture}: test accuracy ${formatPercent(kept.test.accuracy)} after ${when}${formatCount(lastStep)} steps`;
}
