import { formatPercent } from '../core/percent.ts';
import type { LogPoint } from './curve-series.ts';
import { fewSteps, guessingLoss } from './verdict.ts';

/** What is wrong with a training by its scores, in a sentence, and whether the data should be looked at. */
export interface Trouble {
  readonly text: string;
  readonly isAboutData: boolean;
}

/** A log point with the learning rate of its step. */
type RatedPoint = LogPoint & { readonly learningRate: number };

/** Accuracies of so few points apart are no sign. */
const clearGap = 0.25;
/** Of ten digits that are equally frequent, guessing gets 10 % right. */
const guessingAccuracy = 0.15;
/** No network that learns stays there, not with 19 sums either. */
const hopelessLoss = 4 * guessingLoss;

/** Why the scores at `keptStep` are poor; nothing where they are as they should be. */
export function describeTrouble(points: readonly RatedPoint[], keptStep: number): Trouble | undefined {
  const kept = points.findLast(({ step }) => step === keptStep);
  if (kept === undefined) return undefined;
  const { step, epoch, test } = kept;
  const train = averageTrain(points, step);
  const score = `test accuracy ${formatPercent(test.accuracy, 1)}, loss ${test.loss.toPrecision(3)}`;
  const trainScore =
    train && `accuracy ${formatPercent(train.accuracy, 1)}, loss ${train.loss.toPrecision(3)}`;
  if (train !== undefined && train.accuracy - test.accuracy > clearGap && train.loss < guessingLoss / 2) {
    const text = `the network reads its training images (${trainScore}), but not the test images (${score}): there are too few training images, overall or of some classes, or the two sets differ`;
    return { text, isAboutData: true };
  }
  if (test.loss > hopelessLoss) {
    const text = `the network is worse than guessing (${score}; guessing: ${guessingLoss.toFixed(2)}): the learning rate ${kept.learningRate} is probably too high`;
    return { text, isAboutData: false };
  }
  if (epoch < 2 || test.accuracy > guessingAccuracy) return undefined;
  if (step < fewSteps) {
    const text = `the network has hardly been trained: ${step} steps (${score}); more --epochs may be all that it needs`;
    return { text, isAboutData: false };
  }
  const both = trainScore === undefined ? score : `${score}; training images: ${trainScore}`;
  return {
    text: `the network has learned nothing in ${step} steps (${both}): a different --lr may help, or the labels do not match the images`,
    isAboutData: true,
  };
}

/** The mean over the last five log points up to a step: a single batch says little. */
function averageTrain(points: readonly LogPoint[], step: number) {
  const scores = points
    .filter((point) => point.step <= step)
    .flatMap(({ train }) => (train === undefined ? [] : [train]))
    .slice(-5);
  // One batch may be the rest of an epoch: an image or two.
  if (scores.length < 2) return undefined;
  const mean = (key: 'loss' | 'accuracy') =>
    scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
  return { loss: mean('loss'), accuracy: mean('accuracy') };
}
