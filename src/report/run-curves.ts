import type { TopLevelSpec } from 'vega-lite';
import { lineLegend, okabeIto, renderChart, stepAxis } from './chart.ts';
import { type CurvePoint, collectMeasures } from './curve-series.ts';
import { greatest } from './extremes.ts';
import { averageReach, movingAverage } from './moving-average.ts';
import type { Picture } from './png.ts';

/** A training as a picture of several shows it. */
export interface RunCurves {
  /** What the legend calls it. */
  readonly name: string;
  readonly points: readonly CurvePoint[];
  /** A step to mark, and the words next to the mark. */
  readonly mark?: { readonly step: number; readonly text: string };
}

/**
 * Draws the errors of two trainings against steps in one picture: a color for each run; dashes for the batches trained
 * on, a full line for the validation images, or the test images where none were held out. Lines are moving averages;
 * behind them, faint, what was measured on the held-out images.
 */
export function renderRunCurves(runs: readonly RunCurves[], title: string): Promise<Picture> {
  const lines = runs.flatMap(collectLines);
  const names = runs.map(({ name }) => name);
  const splits = splitNames.filter((split) => lines.some((line) => line.split === split));
  const lastStep = greatest([1, ...lines.map(({ step }) => step)]);
  const marks = runs.flatMap(({ name, mark }) => (mark === undefined ? [] : [{ run: name, ...mark }]));
  return renderChart({
    title: {
      text: title,
      subtitle:
        'Moving averages, with each log point faint. Training error is that of the training batches, with dropout',
    },
    description: `Errors against training steps of ${names.join(' and ')}`,
    width: 760,
    height: PANEL_HEIGHT,
    encoding: {
      x: {
        field: 'step',
        type: 'quantitative',
        scale: { domain: [0, lastStep], nice: false },
        axis: stepAxis,
      },
      y: {
        field: 'error',
        type: 'quantitative',
        scale: { domain: [0, highestError(lines)], nice: false },
        axis: { title: 'error: misread images (%)' },
      },
      color: {
        field: 'run',
        type: 'nominal',
        scale: { domain: names, range: [...runColors] },
        legend: legendStyle,
      },
    },
    layer: [
      {
        data: { values: marks },
        mark: { type: 'rule', strokeWidth: 1.5, strokeDash: [2, 3] },
        encoding: { y: { value: 0 }, y2: { value: PANEL_HEIGHT } },
      },
      {
        data: { values: lines.filter(({ isAverage }) => !isAverage) },
        mark: { type: 'line', strokeWidth: 1, opacity: 0.28, clip: true },
        encoding: { detail: { field: 'split' } },
      },
      {
        data: { values: lines.filter(({ isAverage }) => isAverage) },
        mark: { type: 'line', strokeWidth: 2.4, clip: true },
        encoding: {
          strokeDash: {
            field: 'split',
            type: 'nominal',
            scale: { domain: splits, range: splits.map((split) => dashesOf(split, splits)) },
            legend: { ...legendStyle, symbolStrokeColor: '#333' },
          },
        },
      },
      ...marks.map(({ step, text, run }, index): Layer => {
        const isRight = step > lastStep / 2;
        return {
          data: { values: [{ step, text, run }] },
          mark: { type: 'text', align: isRight ? 'right' : 'left', dx: isRight ? -6 : 6, fontSize: 12 },
          encoding: { y: { value: 14 + 18 * index }, text: { field: 'text', type: 'nominal' } },
        };
      }),
    ],
  });
}

type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];

const PANEL_HEIGHT = 400;

const legendStyle = { ...lineLegend, labelFontSize: 13, symbolSize: 900 } as const;

const splitNames = ['training', 'validation', 'test'] as const;

type SplitName = (typeof splitNames)[number];

/** A full line for what was held out; where that is validation here and test there, test gets dashes and dots. */
function dashesOf(split: SplitName, splits: readonly SplitName[]): number[] {
  if (split === 'training') return [6, 4];
  return split === 'test' && splits.includes('validation') ? [12, 3, 2, 3] : [];
}

const runColors: readonly string[] = [okabeIto.blue, okabeIto.vermilion];

/** One point of one line; the error in percent. */
interface LinePoint {
  readonly run: string;
  readonly split: SplitName;
  readonly isAverage: boolean;
  readonly step: number;
  readonly error: number;
}

function collectLines({ name: run, points }: RunCurves): readonly LinePoint[] {
  const ordered = points.filter(({ step }) => step > 0).toSorted((left, right) => left.step - right.step);
  const measures = collectMeasures(ordered, 'Accuracy', 100);
  const held: SplitName = measures.some(({ series }) => series === 'validation') ? 'validation' : 'test';
  const lines: readonly (readonly [SplitName, string])[] = [
    ['training', 'training batch'],
    [held, held],
  ];
  return lines.flatMap(([split, name]) => {
    const line = measures.filter(({ series }) => series === name);
    const errors = line.map(({ value }) => 100 - value);
    const toPoint = (isAverage: boolean, values: readonly number[]) =>
      line.map(({ step }, index) => ({ run, split, isAverage, step, error: values[index] ?? 0 }));
    if (errors.length < 8) return toPoint(true, errors);
    // Single batches jump by whole percents: they need more smoothing, and would hide everything else.
    if (split === 'training') return toPoint(true, movingAverage(errors, 2 * averageReach(errors.length)));
    return [...toPoint(false, errors), ...toPoint(true, movingAverage(errors))];
  });
}

/** The first tenth of each training falls from guessing and would flatten all that follows: it may lie above the axis. */
function highestError(lines: readonly LinePoint[]): number {
  const lastSteps = new Map<string, number>();
  for (const { run, step } of lines) lastSteps.set(run, Math.max(step, lastSteps.get(run) ?? 0));
  const later = lines.filter(
    ({ run, step, isAverage }) => isAverage && step > (lastSteps.get(run) ?? 0) / 10,
  );
  const highest = greatest([0.5, ...later.map(({ error }) => error)]);
  return Math.min(100, 1.1 * highest);
}
