import { movingAverage } from './moving-average.ts';

/** What was measured at one step; `undefined` where it was not. Accuracies in [0, 1]. */
export interface CurvePoint {
  readonly step: number;
  /** Passes over the training images so far: 1.5 in the middle of the second. */
  readonly epoch: number;
  /** Of the step's own batch. */
  readonly trainLoss: number | undefined;
  readonly trainAccuracy: number | undefined;
  readonly validationLoss: number | undefined;
  readonly validationAccuracy: number | undefined;
  readonly testLoss: number | undefined;
  readonly testAccuracy: number | undefined;
}

/** One value of one line. */
export interface Measure {
  readonly step: number;
  readonly series: SeriesName;
  readonly value: number;
}

/** The lines of a panel, in the order they are drawn and named in the legend. */
export const seriesNames = ['training batch', 'training, moving average', 'validation', 'test'] as const;

export type SeriesName = (typeof seriesNames)[number];

/**
 * The lines of one quantity from points in the order of their steps: what was measured, times `factor`, and the
 * moving average of the training batches. What is not finite is left out.
 */
export function collectMeasures(
  points: readonly CurvePoint[],
  quantity: 'Loss' | 'Accuracy',
  factor: number,
): readonly Measure[] {
  const pick = (series: SeriesName, key: keyof CurvePoint): readonly Measure[] =>
    points.flatMap(({ step, [key]: value }) =>
      value !== undefined && Number.isFinite(value) ? [{ step, series, value: value * factor }] : [],
    );
  const batches = pick('training batch', `train${quantity}`);
  return [
    ...batches,
    ...smooth(batches).map((batch): Measure => ({ ...batch, series: 'training, moving average' })),
    ...pick('validation', `validation${quantity}`),
    ...pick('test', `test${quantity}`),
  ];
}

/** The steps where one epoch ends and another follows; none beyond thirty, where they would be a curtain. */
export function epochBorders(points: readonly CurvePoint[]): readonly number[] {
  const last = points.at(-1);
  if (last === undefined || last.epoch <= 0) return [];
  const stepsPerEpoch = last.step / last.epoch;
  const count = Math.ceil(last.epoch) - 1;
  return count > 30 ? [] : Array.from({ length: count }, (_, index) => (index + 1) * stepsPerEpoch);
}

/** Their moving average; nothing for fewer than eight, which need no smoothing. */
function smooth(measures: readonly Measure[]): readonly Measure[] {
  if (measures.length < 8) return [];
  const averages = movingAverage(measures.map(({ value }) => value));
  return measures.map((measure, index) => ({ ...measure, value: averages[index] ?? measure.value }));
}

/** A log point as runs keep it. */
export interface LogPoint {
  readonly step: number;
  readonly epoch: number;
  readonly train?: LogScore | undefined;
  readonly validation?: LogScore | undefined;
  readonly test: LogScore;
}

interface LogScore {
  readonly loss: number;
  readonly accuracy: number;
}

/** A log point as the curves take it. */
export function toCurvePoint({ step, epoch, train, validation, test }: LogPoint): CurvePoint {
  return {
    step,
    epoch,
    trainLoss: train?.loss,
    trainAccuracy: train?.accuracy,
    validationLoss: validation?.loss,
    validationAccuracy: validation?.accuracy,
    testLoss: test.loss,
    testAccuracy: test.accuracy,
  };
}
