import type { TopLevelSpec } from 'vega-lite';
import { writeFiles } from '../core/files.ts';
import { okabeIto, renderChart } from './chart.ts';
import { formatCsv } from './csv.ts';
import { type DigitCell, renderDigitGrid } from './digit-grid.ts';
import type { Picture } from './png.ts';

/** How well images are read that were changed in one way. */
export interface DrawnCorruption {
  readonly name: string;
  /** What the strengths are counted in. */
  readonly unit: string;
  readonly points: readonly SuitePoint[];
}

/** How well images are read that were changed with one strength; shares from 0 to 1. */
export interface SuitePoint {
  /** 0 is no change. */
  readonly strength: number;
  readonly accuracy: number;
  readonly interval: { readonly low: number; readonly high: number };
}

/** What the files of such measurements show. */
export interface SuitePicture {
  readonly title: string;
  readonly subtitle: readonly string[];
  /** What guessing gives, 0 to 1. */
  readonly chance: number;
  readonly corruptions: readonly DrawnCorruption[];
  /** An image changed in each way, a row for each. */
  readonly example: {
    readonly title: string;
    readonly cells: readonly DigitCell[];
    readonly columns: number;
  };
}

/**
 * Writes `suite.csv`, `.svg` and `.png` and `suite-images.png` into a folder, each whole or not at all.
 *
 * @returns the paths written.
 * @throws TrainerError `E_NOT_WRITABLE`, `E_DISK_FULL` or `E_IO`.
 */
export async function writeSuite(folder: string, picture: SuitePicture): Promise<readonly string[]> {
  const { svg, png } = await renderSuiteCurves(picture);
  const { cells, ...layout } = picture.example;
  const images = await renderDigitGrid(cells, layout);
  return writeFiles(folder, {
    'suite.csv': formatSuiteCsv(picture.corruptions),
    'suite.svg': svg,
    'suite.png': png,
    'suite-images.png': images.png,
  });
}

/** Draws accuracy against strength with its 95 % interval, a panel for each kind of change, four panels in a row. */
export function renderSuiteCurves(picture: SuitePicture): Promise<Picture> {
  const { title, subtitle, chance, corruptions } = picture;
  return renderChart({
    title: { text: title, subtitle: [...subtitle] },
    description: `Accuracy against the strength of changes. ${title}`,
    columns,
    spacing: 18,
    concat: corruptions.map((drawn, index) => createPanel(drawn, chance, index % columns === 0)),
  });
}

/** The points as a table. */
export function formatSuiteCsv(corruptions: readonly DrawnCorruption[]): string {
  return formatCsv(
    ['change', 'unit', 'strength', 'accuracy', 'low', 'high'],
    corruptions.flatMap(({ name, unit, points }) =>
      points.map(({ strength, accuracy, interval }) => [
        name,
        unit,
        strength,
        ...[accuracy, interval.low, interval.high].map((share) => Number(share.toPrecision(6))),
      ]),
    ),
  );
}

type Panel = Extract<TopLevelSpec, { concat: unknown }>['concat'][number];

const columns = 4;

function createPanel({ name, unit, points }: DrawnCorruption, chance: number, isFirst: boolean): Panel {
  return {
    width: 190,
    height: 170,
    title: { text: name, frame: 'group', fontSize: 13, offset: 6 },
    data: {
      values: points.map(({ strength, accuracy, interval }) => ({
        strength,
        accuracy: 100 * accuracy,
        low: 100 * interval.low,
        high: 100 * interval.high,
      })),
    },
    encoding: {
      x: {
        field: 'strength',
        type: 'quantitative',
        scale: { nice: false },
        axis: {
          title: unit,
          values: points.map(({ strength }) => strength),
          format: '.1~f',
          labelOverlap: false,
          labelFlush: false,
          grid: false,
        },
      },
    },
    layer: [
      {
        mark: { type: 'rule', color: '#777', strokeDash: [4, 4] },
        encoding: { y: { datum: 100 * chance }, x: { value: 0 }, x2: { value: 190 } },
      },
      {
        mark: { type: 'area', opacity: 0.25, color: okabeIto.blue },
        encoding: { y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } },
      },
      {
        mark: {
          type: 'line',
          strokeWidth: 2,
          color: okabeIto.blue,
          point: { size: 28, color: okabeIto.blue },
        },
        encoding: {
          y: {
            field: 'accuracy',
            type: 'quantitative',
            scale: { domain: [0, 100] },
            axis: { title: isFirst ? 'accuracy (%)' : null, tickCount: 5 },
          },
        },
      },
    ],
  };
}
