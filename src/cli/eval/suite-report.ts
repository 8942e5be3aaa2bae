import { formatCount } from '../../core/files.ts';
import { formatPercent } from '../../core/percent.ts';
import { formatTable, numberColumns, wordColumns } from '../../core/table.ts';
import { corruptImages, corruptions } from '../../evaluate/corruptions.ts';
import { wilsonInterval } from '../../evaluate/interval.ts';
import type { SuiteMeasure } from '../../evaluate/suite.ts';
import type { SuitePicture } from '../../report/suite-curves.ts';

/** How well a model reads changed test images, in the shape of its JSON. */
export type SuiteReport = ReturnType<typeof createSuiteReport>;

/** Builds the report of the measurements on this many images, of which `correct` are read correctly as they are. */
export function createSuiteReport(
  measures: readonly SuiteMeasure[],
  { images, correct }: { readonly images: number; readonly correct: number },
) {
  const toPoint = (strength: number, right: number) => ({
    strength,
    correct: right,
    accuracy: right / images,
    interval: wilsonInterval(right, images),
  });
  const measured = corruptions.map(({ name, unit }) => {
    const points = measures
      .filter(({ corruption }) => corruption.name === name)
      .map((measure) => toPoint(measure.strength, measure.correct));
    return { name, unit, mean: meanOf(points.map(({ accuracy }) => accuracy)), points };
  });
  return {
    images,
    unchanged: toPoint(0, correct),
    mean: meanOf(measured.map(({ mean }) => mean)),
    corruptions: measured,
  };
}

/** The report as a table: a row for each kind of change, a column for each strength, and the means. */
export function formatSuiteReport({ images, unchanged, mean, corruptions: rows }: SuiteReport): string {
  const strengths = rows[0]?.points.map((_, index) => index) ?? [];
  const format = (shares: readonly number[]) => shares.map((share) => formatPercent(share, 1));
  const means = strengths.map((index) => meanOf(rows.map(({ points }) => points[index]?.accuracy ?? 0)));
  const cells = rows.map(({ name, unit, points, mean: ofRow }) => [
    name,
    `${points[0]?.strength} to ${points.at(-1)?.strength} ${unit}`,
    ...format([...points.map(({ accuracy }) => accuracy), ofRow]),
  ]);
  const columns = [
    ...wordColumns(['change', 'strength']),
    ...numberColumns([...strengths.map((index) => String(index + 1)), 'mean']),
  ];
  const before = `${formatPercent(unchanged.accuracy)} unchanged`;
  const title = `accuracy on ${formatCount(images)} changed test images, ${before}`;
  return `${title}\n${formatTable(columns, [...cells, ['mean', '', ...format([...means, mean])]])}`;
}

/** The report as its files show it; curves begin with the unchanged images. `first` is the first image, [28, 28]. */
export function toSuitePicture(
  { images, unchanged, mean, corruptions: rows }: SuiteReport,
  { name, first }: { readonly name: string; readonly first: Uint8Array },
): SuitePicture {
  return {
    title: `Accuracy on ${formatCount(images)} changed test images: ${formatPercent(mean)} on average`,
    subtitle: [
      `${name}; ${formatPercent(unchanged.accuracy)} on the unchanged images`,
      'Bands are 95 % intervals, dashed lines what guessing gives',
    ],
    chance: 0.1,
    corruptions: rows.map((row) => ({ ...row, points: [unchanged, ...row.points] })),
    example: {
      title: 'Test image 0, changed in each way',
      columns: 1 + (rows[0]?.points.length ?? 0),
      cells: corruptions.flatMap((corruption) => [
        { pixels: first, caption: ['unchanged'] },
        ...corruption.strengths.map((strength) => ({
          pixels: corruptImages(first, corruption, { strength }),
          caption: [corruption.name, formatStrength(strength, corruption.unit)],
        })),
      ]),
    },
  };
}

/** "1 pixel", "1.5 pixels". */
function formatStrength(strength: number, unit: string): string {
  return `${strength} ${strength === 1 ? unit.replace(/s$/, '') : unit}`;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
