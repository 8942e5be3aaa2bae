import type { TopLevelSpec } from 'vega-lite';
import { lineLegend, okabeIto, renderChart } from './chart.ts';
import { formatCsv } from './csv.ts';
import type { Picture } from './png.ts';

/** One measurement of images that were shifted; shares from 0 to 1. */
export interface ShiftPoint {
  readonly direction: 'right' | 'down';
  /** Pixels; negative is left or up. */
  readonly shift: number;
  readonly accuracy: number;
  /** The ends of its 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** The part of the ink that is still in the picture. */
  readonly ink: number;
}

/** The words over the curve. */
export interface ShiftCurveOptions {
  readonly title: string;
  readonly subtitle: string;
  /** What guessing gives, 0 to 1. */
  readonly chance: number;
}

/**
 * Draws accuracy against shift, a line for each direction with its 95 % interval, and below it how much ink the shift has
 * left in the pictures: a digit that is cut off cannot be read by anyone.
 */
export function renderShiftCurve(
  points: readonly ShiftPoint[],
  options: ShiftCurveOptions,
): Promise<Picture> {
  const values = points.map((point) => ({
    ...point,
    series: seriesNames[point.direction],
    accuracy: 100 * point.accuracy,
    low: 100 * point.low,
    high: 100 * point.high,
    ink: 100 * point.ink,
  }));
  return renderChart({
    title: { text: options.title, subtitle: options.subtitle },
    description: `Accuracy against shift. ${options.title}`,
    data: { values },
    spacing: 18,
    vconcat: [
      createPanel('accuracy (%)', 'accuracy', [band, chanceRule(options.chance), chanceWord(options.chance)]),
      createPanel('ink left (%)', 'ink', []),
    ],
  });
}

/** The points as a table. */
export function formatShiftCsv(points: readonly ShiftPoint[]): string {
  return formatCsv(
    ['direction', 'shift', 'accuracy', 'low', 'high', 'ink'],
    points.map(({ direction, shift, ...shares }) => [
      direction,
      shift,
      ...[shares.accuracy, shares.low, shares.high, shares.ink].map((share) => Number(share.toPrecision(6))),
    ]),
  );
}

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];
type Layer = Extract<Panel, { layer: unknown }>['layer'][number];

const seriesNames = { right: 'horizontally (right is positive)', down: 'vertically (down is positive)' };

const color = {
  field: 'series',
  type: 'nominal',
  scale: { domain: Object.values(seriesNames), range: [okabeIto.blue, okabeIto.vermilion] },
  legend: lineLegend,
} as const;

function createPanel(title: string, field: 'accuracy' | 'ink', below: readonly Layer[]): Panel {
  const isLowest = field === 'ink';
  return {
    width: 640,
    height: isLowest ? 110 : 280,
    encoding: {
      x: {
        field: 'shift',
        type: 'quantitative',
        scale: { nice: false },
        axis: {
          title: isLowest ? 'shift (pixels of 28)' : null,
          labels: isLowest,
          format: '+d',
          labelExpr: "datum.value === 0 ? '0' : datum.label",
          tickMinStep: 1,
          tickCount: 21,
        },
      },
    },
    layer: [
      ...below,
      {
        mark: { type: 'line', strokeWidth: 2, point: { size: 28, filled: true } },
        encoding: {
          y: {
            field,
            type: 'quantitative',
            scale: { domain: [0, 100] },
            axis: { title, ...(isLowest ? { tickCount: 3 } : {}) },
          },
          color,
        },
      },
    ],
  };
}

const band: Layer = {
  mark: { type: 'area', opacity: 0.2 },
  encoding: {
    y: { field: 'low', type: 'quantitative' },
    y2: { field: 'high' },
    color,
  },
};

function chanceRule(chance: number): Layer {
  return {
    mark: { type: 'rule', color: '#777', strokeDash: [4, 4] },
    encoding: { y: { datum: 100 * chance }, x: { value: 0 }, x2: { value: 640 } },
  };
}

function chanceWord(chance: number): Layer {
  return {
    data: { values: [{}] },
    mark: { type: 'text', align: 'left', dx: 6, dy: -7, color: '#555', text: 'guessing' },
    encoding: { y: { datum: 100 * chance }, x: { value: 0 } },
  };
}
