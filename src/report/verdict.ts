import { formatCount } from '../core/files.ts';
import { formatPercent } from '../core/percent.ts';
import type { CurvePoint } from './curve-series.ts';
import { averageReach, movingAverage } from './moving-average.ts';

/** The curves at one step, as moving averages; losses in nats, errors in percent. */
export interface CurveMoment {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly error: number;
  /** Of the batches trained on; absent where none were logged. */
  readonly trainLoss: number | undefined;
}

/** What the curves of a training say: whether it has overfitted, and when it should have stopped. */
export type Verdict =
  | { readonly type: 'too-few-points'; readonly points: number }
  | {
      /**
       * `overfitting`: worse on held-out images while still better on its own. `unstable`: worse on both. `improving`:
       * it would have got better with more steps. `converged`: neither better nor worse for long. `not-learning`: no
       * better than guessing. `memorizing`: no better than guessing on held-out images, but on its own.
       */
      readonly type: 'overfitting' | 'unstable' | 'improving' | 'converged' | 'not-learning' | 'memorizing';
      /** Which images the verdict rests on: those held back, or the test images where none were. */
      readonly split: 'validation' | 'test';
      /** Where the held-out loss was lowest. */
      readonly best: CurveMoment;
      readonly end: CurveMoment;
      /** From here on the loss was never more than 10 % above its lowest; the end where that is higher. */
      readonly settled: CurveMoment;
      /** By how much the loss fell from the third quarter of the steps to the last, as a part of it. */
      readonly lateGain: number;
      /** Log points on either side that the moving averages take. */
      readonly reach: number;
    };

/** Fewer log points are no curve. */
export const fewestPoints = 8;

/** With fewer steps no network has had a chance to learn. */
export const fewSteps = 100;

/** The loss of guessing among ten digits, in nats. */
export const guessingLoss = Math.log(10);

/** A rise or fall by a smaller part than this is considered noise. */
const SMALLEST_CHANGE = 0.1;

/**
 * Judges a training by its loss on validation images, or on test images where none were held out: the loss shows
 * overfitting before the error does. All values are moving averages, so that single log points decide nothing.
 */
export function judgeCurves(points: readonly CurvePoint[]): Verdict {
  const split = points.some(({ validationLoss }) => validationLoss !== undefined) ? 'validation' : 'test';
  const curve = averageCurve(points, split);
  const [first, end] = [curve[0], curve.at(-1)];
  if (curve.length < fewestPoints || first === undefined || end === undefined) {
    return { type: 'too-few-points', points: curve.length };
  }
  const best = curve.reduce((lowest, moment) => (moment.loss < lowest.loss ? moment : lowest), first);
  const settled =
    curve[curve.findLastIndex(({ loss }) => loss > (1 + SMALLEST_CHANGE) * best.loss) + 1] ?? end;
  const quarter = Math.floor(curve.length / 4);
  const lateGain = 1 - meanLoss(curve.slice(-quarter)) / meanLoss(curve.slice(-2 * quarter, -quarter));
  const moments = { split, best, end, settled, lateGain, reach: averageReach(curve.length) } as const;
  return { type: nameVerdict(moments), ...moments };
}

/** A verdict in sentences, with the numbers that it rests on. */
export function formatVerdict(verdict: Verdict): string {
  if (verdict.type === 'too-few-points') {
    return `too few log points to judge: ${verdict.points}, at least ${fewestPoints} are needed (--eval-every sets how many there are)`;
  }
  const { best, end, settled, split, lateGain } = verdict;
  const finalValues = `${formatLoss(end)}, error ${end.error.toFixed(2)} %`;
  const lowest = `The ${split} loss was lowest at ${formatPlace(best)}: ${formatLoss(best)}, error ${best.error.toFixed(2)} %.`;
  const [from, to] = [best.trainLoss?.toPrecision(3), end.trainLoss?.toPrecision(3)];
  const trained = to === undefined ? '' : `, while the training loss went from ${from} to ${to}`;
  const trainedTo = to === undefined ? '' : ` (training loss ${to})`;
  const gain = formatPercent(lateGain, 0);
  const sentences = {
    overfitting: `overfitting. ${lowest} Since then it rose by ${formatRise(best, end)} to ${finalValues}${trained}: the network is memorizing its training images. Training should have stopped there; --patience does that.`,
    unstable: `unstable. ${lowest} Since then it rose by ${formatRise(best, end)} to ${finalValues}${trained}: this is not overfitting. Try a smaller --lr.`,
    improving: `no overfitting, and not converged yet. The ${split} loss was still falling: by ${gain} from the third quarter of the steps to the last, to ${finalValues}${trainedTo}. More --epochs would have helped.`,
    converged: `no overfitting, and converged. The ${split} loss has been within 10 % of its lowest since ${formatPlace(settled)}, and ended at ${finalValues}${trainedTo}. Training could have stopped there.`,
    'not-learning': `not learning. The ${split} loss never fell far below 2.30, that of guessing: at best ${formatLoss(best)}, error ${best.error.toFixed(2)} %. ${end.step < fewSteps ? `But ${formatCount(end.step)} steps are few: try more --epochs.` : 'Try a different --lr, or check that the labels match the images.'}`,
    memorizing: `memorized. The ${split} loss never fell far below 2.30, that of guessing: at best ${formatLoss(best)}, error ${best.error.toFixed(2)} %; the training loss fell to ${to}. There are too few images or labels, or the ${split} images are of a different kind.`,
  } as const;
  const caution =
    split === 'test' ? ' No images were held out for validation, so do not choose anything by this.' : '';
  return `${sentences[verdict.type]}${caution}`;
}

type Moments = Omit<Exclude<Verdict, { readonly type: 'too-few-points' }>, 'type'>;

function nameVerdict({ best, end, lateGain }: Moments): Exclude<Verdict['type'], 'too-few-points'> {
  if (best.loss > 0.9 * guessingLoss) {
    return (end.trainLoss ?? guessingLoss) < guessingLoss / 2 ? 'memorizing' : 'not-learning';
  }
  if (end.loss > (1 + SMALLEST_CHANGE) * best.loss) {
    const { trainLoss = 0 } = end;
    // Far below the held-out loss the training loss may waver: that is still memorizing.
    const isWorseInTraining = trainLoss > (best.trainLoss ?? 0) && trainLoss > end.loss / 2;
    return isWorseInTraining ? 'unstable' : 'overfitting';
  }
  return lateGain > SMALLEST_CHANGE / 2 ? 'improving' : 'converged';
}

/** The curves as moving averages, without the untrained network, whose loss would outweigh its neighbors. */
function averageCurve(points: readonly CurvePoint[], split: 'validation' | 'test'): readonly CurveMoment[] {
  const measured = points
    .filter((point) => point.step > 0 && Number.isFinite(point[`${split}Loss`]))
    .toSorted((left, right) => left.step - right.step);
  const losses = movingAverage(measured.map((point) => point[`${split}Loss`] ?? 0));
  const accuracies = movingAverage(measured.map((point) => point[`${split}Accuracy`] ?? 0));
  const hasTrain = measured.every(({ trainLoss }) => Number.isFinite(trainLoss));
  const trainLosses = hasTrain ? movingAverage(measured.map(({ trainLoss }) => trainLoss ?? 0)) : [];
  return measured.map(({ step, epoch }, index) => ({
    step,
    epoch,
    loss: losses[index] ?? 0,
    error: 100 * (1 - (accuracies[index] ?? 0)),
    trainLoss: trainLosses[index],
  }));
}

function meanLoss(moments: readonly CurveMoment[]): number {
  return moments.reduce((sum, moment) => sum + moment.loss, 0) / moments.length;
}

function formatPlace({ step, epoch }: CurveMoment): string {
  return `step ${formatCount(step)} (epoch ${epoch.toFixed(1)})`;
}

function formatLoss(moment: CurveMoment): string {
  return moment.loss.toPrecision(3);
}

function formatRise(best: CurveMoment, end: CurveMoment): string {
  return formatPercent(end.loss / best.loss - 1, 0);
}
