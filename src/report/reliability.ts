import type { TopLevelSpec } from 'vega-lite';
import { formatCount } from '../core/files.ts';
import { formatPercent } from '../core/percent.ts';
import { okabeIto, renderChart } from './chart.ts';
import type { Picture } from './png.ts';

/** Images whose scores are about equal; all but `count` from 0 to 1. */
export interface DrawnBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** The mean score. */
  readonly score: number;
  /** The share read correctly, and the ends of its 95 % interval. */
  readonly accuracy: number;
  readonly accuracyLow: number;
  readonly accuracyHigh: number;
}

/** What a reliability curve shows. */
export interface Reliability {
  readonly bins: readonly DrawnBin[];
  /** The expected calibration error, 0 to 1. */
  readonly error: number;
  /** What the logits were divided by, where the model has such a number. */
  readonly temperature?: number | undefined;
}

/**
 * Draws a reliability curve: the share of images read correctly, with its 95 % interval, against their score, beside the
 * diagonal of a perfectly calibrated model; below it the number of images in each bin. Empty bins are left out.
 */
export function renderReliability({ bins, error, temperature }: Reliability): Promise<Picture> {
  const images = bins.reduce((sum, { count }) => sum + count, 0);
  const drawn = bins.filter(({ count }) => count > 0).map(toPercent);
  const scale = temperature === undefined ? [] : [`scores at temperature ${temperature.toFixed(3)}`];
  return renderChart({
    title: {
      text: 'Reliability curve',
      subtitle: [
        `expected calibration error ${formatPercent(error)}`,
        `${formatCount(images)} images in ${bins.length} bins of equal width`,
        ...scale,
      ],
    },
    description: `Share of images read correctly against their score. Expected calibration error ${formatPercent(error)}`,
    spacing: 14,
    vconcat: [createCurve(drawn), createCounts(drawn)],
  });
}

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

const size = 420;

function toPercent({ low, high, count, score, ...shares }: DrawnBin) {
  return {
    low: 100 * low,
    high: 100 * high,
    middle: 50 * (low + high),
    count,
    text: formatCount(count),
    score: 100 * score,
    accuracy: 100 * shares.accuracy,
    accuracyLow: 100 * shares.accuracyLow,
    accuracyHigh: 100 * shares.accuracyHigh,
  };
}

type PercentBin = ReturnType<typeof toPercent>;

const percentScale = { domain: [0, 100], nice: false };

function createCurve(values: readonly PercentBin[]): Panel {
  return {
    width: size,
    height: size,
    data: { values: [...values] },
    encoding: {
      x: {
        field: 'score',
        type: 'quantitative',
        scale: percentScale,
        axis: { title: null, labels: false },
      },
      y: {
        field: 'accuracy',
        type: 'quantitative',
        scale: percentScale,
        axis: { title: 'read correctly (%)' },
      },
    },
    layer: [
      {
        data: { values: [0, 100].map((share) => ({ score: share, accuracy: share })) },
        mark: { type: 'line', color: '#777', strokeDash: [4, 4], strokeWidth: 1 },
      },
      createWords('scores too low', { score: 2, accuracy: 97, align: 'left' }),
      createWords('scores too high', { score: 98, accuracy: 3, align: 'right' }),
      {
        mark: { type: 'rule', color: okabeIto.blue, strokeWidth: 2, opacity: 0.35 },
        encoding: { y: { field: 'accuracyLow' }, y2: { field: 'accuracyHigh' } },
      },
      {
        mark: {
          type: 'line',
          color: okabeIto.blue,
          strokeWidth: 1,
          point: { size: 40, filled: true, color: okabeIto.blue },
        },
      },
    ],
  };
}

function createWords(
  text: string,
  {
    align,
    ...place
  }: { readonly score: number; readonly accuracy: number; readonly align: 'left' | 'right' },
) {
  return {
    data: { values: [place] },
    mark: { type: 'text', color: '#777', fontSize: 12, text, align },
  } as const;
}

/** The last bin holds most images of a good model: a logarithmic height, and the number in words. */
function createCounts(values: readonly PercentBin[]): Panel {
  return {
    width: size,
    height: 110,
    data: { values: [...values] },
    encoding: {
      y: {
        field: 'count',
        type: 'quantitative',
        scale: { type: 'symlog', domainMax: 8 * Math.max(1, ...values.map(({ count }) => count)) },
        axis: { title: 'images (log)', labels: false, ticks: false, grid: false },
      },
    },
    layer: [
      {
        mark: { type: 'bar', color: okabeIto.skyBlue, stroke: 'white' },
        encoding: {
          x: {
            field: 'low',
            type: 'quantitative',
            scale: percentScale,
            axis: { title: 'score (%)', grid: false },
          },
          x2: { field: 'high' },
          y2: { datum: 0 },
        },
      },
      {
        mark: { type: 'text', dy: -8, fontSize: 10 },
        encoding: { x: { field: 'middle', type: 'quantitative' }, text: { field: 'text', type: 'nominal' } },
      },
    ],
  };
}
