import type { TopLevelSpec } from 'vega-lite';
import { lineLegend, okabeIto, renderChart, stepAxis } from './chart.ts';
import {
  type CurvePoint,
  collectMeasures,
  epochBorders,
  type Measure,
  type SeriesName,
  seriesNames,
} from './curve-series.ts';
import { greatest, least } from './extremes.ts';
import type { Picture } from './png.ts';

/** The words over the curves. */
export interface CurveOptions {
  /** The result in a line: "cnn: test accuracy 98.31 % after 1,200 steps". */
  readonly title: string;
  readonly subtitle?: string;
}

/**
 * Draws loss and accuracy against steps, one panel above the other. The training values of single batches are faint,
 * with their moving average over them; the lines of validation and test hold what was measured, unsmoothed. Dotted
 * lines part the epochs.
 */
export function renderCurves(points: readonly CurvePoint[], options: CurveOptions): Promise<Picture> {
  const ordered = points.toSorted((left, right) => left.step - right.step);
  const losses = collectMeasures(ordered, 'Loss', 1).filter(({ value }) => value > 0);
  const accuracies = collectMeasures(ordered, 'Accuracy', 100);
  const measured = new Set([...losses, ...accuracies].map(({ series }) => series));
  const frame: Frame = {
    series: seriesNames.filter((name) => measured.has(name)),
    lastStep: ordered.at(-1)?.step ?? 1,
    borders: epochBorders(ordered),
  };
  return renderChart({
    title: { text: options.title, ...(options.subtitle === undefined ? {} : { subtitle: options.subtitle }) },
    description: `Loss and accuracy against training steps. ${options.title}`,
    spacing: 18,
    vconcat: [
      createPanel(losses, lossAxis(losses), frame),
      createPanel(accuracies, accuracyAxis(accuracies, frame.lastStep), frame),
    ],
  });
}

interface Frame {
  readonly series: readonly SeriesName[];
  readonly lastStep: number;
  readonly borders: readonly number[];
}

interface ValueAxis {
  readonly title: string;
  readonly type: 'linear' | 'log';
  readonly domain: readonly [number, number];
  readonly ticks: object;
  /** The words of the step axis, which both panels share, stand below the lower. */
  readonly isLowest: boolean;
}

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

const seriesColors: Readonly<Record<SeriesName, string>> = {
  'training batch': okabeIto.skyBlue,
  'training, moving average': okabeIto.blue,
  validation: okabeIto.bluishGreen,
  test: okabeIto.vermilion,
};

/** Single batches reach down to almost nothing: the averages and measurements set the lower end. */
function lossAxis(losses: readonly Measure[]): ValueAxis {
  const steady = losses.filter(({ series }) => series !== 'training batch').map(({ value }) => value);
  const lowest = least([1, ...steady]) / 1.5;
  const highest = greatest([2 * lowest, ...losses.map(({ value }) => value)]) * 1.1;
  const decades = Array.from({ length: 16 }, (_, index) => 10 ** (index - 8));
  const values = decades.flatMap((decade) => [decade, 2 * decade, 5 * decade]);
  return {
    title: 'loss (nats, log scale)',
    type: 'log',
    domain: [lowest, highest],
    ticks: { values: values.filter((value) => value >= lowest && value <= highest), format: '~g' },
    isLowest: false,
  };
}

/** The first tenth of a training climbs from guessing and would flatten all that follows: it may lie below the axis. */
function accuracyAxis(accuracies: readonly Measure[], lastStep: number): ValueAxis {
  const later = accuracies.filter(({ series, step }) => series !== 'training batch' && step >= lastStep / 10);
  const lowest = least(later.map(({ value }) => value));
  const floor = [98, 95, 90, 80, 50].find((candidate) => candidate <= lowest) ?? 0;
  return {
    title: 'accuracy (%)',
    type: 'linear',
    domain: [later.length === 0 ? 0 : floor, 100],
    ticks: { format: '.2~f' },
    isLowest: true,
  };
}

function createPanel(measures: readonly Measure[], axis: ValueAxis, frame: Frame): Panel {
  const range = frame.series.map((name) => seriesColors[name]);
  return {
    width: 640,
    height: 230,
    data: { values: [...measures] },
    encoding: {
      x: {
        field: 'step',
        type: 'quantitative',
        scale: { domain: [0, frame.lastStep], nice: false },
        axis: { ...stepAxis, ...(axis.isLowest ? {} : { title: null, labels: false }) },
      },
    },
    layer: [
      {
        data: { values: frame.borders.map((step) => ({ step })) },
        mark: { type: 'rule', color: '#999', strokeDash: [1, 3] },
      },
      ...frame.series.map(
        (name): LineLayer => ({
          transform: [{ filter: `datum.series === '${name}'` }],
          mark: { type: 'line', clip: true, ...lineStyle(name) },
          encoding: {
            y: {
              field: 'value',
              type: 'quantitative',
              scale: { type: axis.type, domain: [...axis.domain], nice: false },
              axis: { title: axis.title, ...axis.ticks },
            },
            color: {
              field: 'series',
              type: 'nominal',
              scale: { domain: [...frame.series], range },
              legend: lineLegend,
            },
          },
        }),
      ),
    ],
  };
}

type LineLayer = Extract<Panel, { layer: unknown }>['layer'][number];

function lineStyle(name: SeriesName): object {
  if (name === 'training batch') return { strokeWidth: 1, opacity: 0.6 };
  if (name === 'training, moving average') return { strokeWidth: 2 };
  return { strokeWidth: 2, point: { size: 14, filled: true } };
}
