import { formatCount, writeFiles } from '../core/files.ts';
import { formatCsv } from './csv.ts';
import { renderDigitGrid } from './digit-grid.ts';
import { writePicture } from './png.ts';
import { type RunCurves, renderRunCurves } from './run-curves.ts';

/** What the files of a comparison of two models show. */
export interface ComparisonPicture {
  /** What the two models are called. */
  readonly names: readonly [first: string, second: string];
  /** Every example that they read differently. */
  readonly differences: readonly DrawnDifference[];
}

/** An example that two models read differently, with its picture. */
export interface DrawnDifference {
  readonly index: number;
  readonly label: number;
  readonly first: number;
  readonly second: number;
  readonly right: 'onlyFirst' | 'onlySecond' | 'neither';
  /** [28, 28], row-major. */
  readonly pixels: Uint8Array;
}

/**
 * Writes `differences.csv` and `.png` into a folder, each whole or not at all. The table keeps the order of the images;
 * the picture has those first that the first model alone reads right, then those of the second, then those of neither.
 *
 * @returns the paths written.
 * @throws TrainerError `E_NOT_WRITABLE`, `E_DISK_FULL` or `E_IO`.
 */
export async function writeComparison(
  folder: string,
  picture: ComparisonPicture,
): Promise<readonly string[]> {
  const { png } = await renderDifferences(picture);
  return writeFiles(folder, {
    'differences.csv': formatDifferencesCsv(picture.differences),
    'differences.png': png,
  });
}

/**
 * Draws the error curves of two runs as `curves.svg` and `.png` into a folder.
 *
 * @returns the paths written.
 * @throws TrainerError as `writeComparison`.
 */
export async function writeRunCurves(folder: string, runs: readonly RunCurves[]): Promise<readonly string[]> {
  const title = `Errors of ${runs.map(({ name }) => name).join(' and ')}`;
  return writePicture(folder, 'curves', await renderRunCurves(runs, title));
}

const groups = ['onlyFirst', 'onlySecond', 'neither'] as const;

function renderDifferences({ names, differences }: ComparisonPicture) {
  const grouped = groups.map((group) => differences.filter(({ right }) => right === group));
  const [first = '0', second = '0', neither = '0'] = grouped.map(({ length }) => formatCount(length));
  const cells = grouped.flat().map(({ pixels, label, index, ...read }) => ({
    pixels,
    caption: [`A ${read.first}, B ${read.second}`, `is ${label} (#${index})`],
  }));
  return renderDigitGrid(cells, {
    title: `A: ${names[0]}, B: ${names[1]}. Right in A alone: ${first}; in B alone: ${second}; in neither: ${neither}`,
  });
}

function formatDifferencesCsv(differences: readonly DrawnDifference[]): string {
  const right = { onlyFirst: 'A', onlySecond: 'B', neither: '' } as const;
  return formatCsv(
    ['index', 'label', 'prediction_a', 'prediction_b', 'right'],
    differences.map((difference) => [
      difference.index,
      difference.label,
      difference.first,
      difference.second,
      right[difference.right],
    ]),
  );
}
