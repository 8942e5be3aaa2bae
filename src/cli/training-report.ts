import { escapeText } from '../core/errors.ts';
import { formatDuration } from '../core/time.ts';
import { type Examples, takeRange } from '../data/split.ts';
import { predictClasses } from '../evaluate/metrics.ts';
import { predictLogits } from '../model/forward.ts';
import type { Model } from '../model/layers.ts';
import { toCurvePoint } from '../report/curve-series.ts';
import { formatVerdict, judgeCurves } from '../report/verdict.ts';
import type { StepEvent, TrainEvent } from '../train/events.ts';
import { quote } from './advice.ts';
import type { Output } from './output.ts';

/** How a training has ended, and with what. */
export interface TrainingEnd {
  readonly ended: Extract<TrainEvent, { type: 'ended' }>;
  readonly folder: string;
  /** With the weights that were saved. */
  readonly model: Model;
  readonly test: Examples;
  /** Test images of a log point. */
  readonly evalImages: number;
  readonly points: readonly Omit<StepEvent, 'type'>[];
  /** Whether this process has done any of the steps. */
  readonly isNew: boolean;
}

/** Tells the result of a training: steps, time, accuracy, the first ten predictions beside the real digits, the folder. */
export async function reportEnd(end: TrainingEnd, output: Output): Promise<void> {
  const { ended, folder, isNew, points } = end;
  const lastPoint = points.at(-1);
  // Curves of test images are no ground to choose by: nothing is said where none were held back.
  const verdict = lastPoint?.validation && judgeCurves(points.map(toCurvePoint));
  const { step, elapsedMs, reason, best } = ended;
  const testImages = Math.min(end.evalImages, end.test.count);
  const first = await predictFirst(end.model, end.test);
  if (!isNew)
    output.note(`nothing to do: this run has ended (${reason}) at step ${step}; --epochs N adds to it`);
  const trouble = lastPoint && describeTrouble(lastPoint);
  if (trouble !== undefined) output.warn(trouble);
  if (output.json) {
    const test = lastPoint && { ...lastPoint.test, images: testImages };
    output.result({ model: folder, step, reason, elapsedMs, best, test, first, verdict });
  } else {
    const score =
      lastPoint === undefined
        ? ''
        : `, test accuracy ${(lastPoint.test.accuracy * 100).toFixed(2)} % on the first ${testImages} test images`;
    const kept =
      best === undefined
        ? ''
        : `, kept the weights of step ${best.step} (validation accuracy ${(best.accuracy * 100).toFixed(2)} %)`;
    output.result(`trained ${step} steps in ${formatDuration(elapsedMs)}${score}${kept}`);
    output.result(`model: ${escapeText(folder)}`);
    output.result(`first test images, predicted: ${first.predictions.join(' ')}`);
    output.result(`first test images, real:      ${first.labels.join(' ')}`);
  }
  if (verdict !== undefined) output.note(`curves: ${formatVerdict(verdict)}`);
  output.note(`next: mnist-cnn eval --model ${escapeText(folder)}`);
}

/** Why the last scores are none to be content with. */
function describeTrouble({ epoch, test, learningRate }: Omit<StepEvent, 'type'>): string | undefined {
  if (epoch >= 2 && test.accuracy <= 0.15) {
    return 'the network is not learning: after two epochs it still guesses; try another --lr';
  }
  return test.loss > hopelessLoss
    ? `the network is worse than guessing: its test loss is ${test.loss.toPrecision(3)}, that of guessing ${guessingLoss.toFixed(2)}; the learning rate ${learningRate} is probably too high`
    : undefined;
}

const guessingLoss = Math.log(10);
/** No network that learns stays there, not with 19 sums either. */
const hopelessLoss = 4 * guessingLoss;

/** What to type to go on with a run. */
export function resumeCommand(folder: string): string {
  return folder === 'models/net' ? 'mnist-cnn train --resume' : `mnist-cnn train --resume ${quote(folder)}`;
}

/** The first ten test images as the model reads them, and as they are. */
async function predictFirst(model: Model, test: Examples) {
  const { images, labels, count } = takeRange(test, 0, 10);
  const predictions = count === 0 ? [] : predictClasses(await predictLogits(model, images), count);
  return { predictions: [...predictions], labels: [...labels] };
}
