import type { TrainOptions } from '../../config/train-options.ts';
import { escapeText } from '../../core/errors.ts';
import { formatPercent } from '../../core/percent.ts';
import { formatDuration } from '../../core/time.ts';
import { type Examples, takeRange } from '../../data/split.ts';
import { predictClasses } from '../../evaluate/metrics.ts';
import { predictLogits } from '../../model/forward.ts';
import type { Model } from '../../model/model.ts';
import { toCurvePoint } from '../../report/curve-series.ts';
import { describeTrouble } from '../../report/training-trouble.ts';
import { formatVerdict, judgeCurves } from '../../report/verdict.ts';
import type { Ended, StepEvent } from '../../train/events.ts';
import { formatCommand } from '../command-line.ts';
import { showCommand } from '../download-progress.ts';
import type { Output } from '../output.ts';
import { adviseToGoOn } from './ended-run.ts';

/** How a training has ended, and with what. */
export interface TrainingEnd {
  readonly ended: Ended;
  /** The step whose weights were saved: the best by validation, else the last. */
  readonly keptStep: number;
  readonly folder: string;
  /** With the weights that were saved. */
  readonly model: Model;
  readonly test: Examples;
  readonly options: TrainOptions;
  readonly points: readonly Omit<StepEvent, 'type'>[];
  /** Whether this process has done any of the steps. */
  readonly isNew: boolean;
  /** Steps of the whole run, as it is planned. */
  readonly totalSteps: number;
}

/** Reports the result of a training: steps, time, scores of the kept weights, the first ten predictions next to the true digits, the folder. */
export async function reportEnd(end: TrainingEnd, output: Output): Promise<void> {
  const { ended, keptStep, folder, isNew, points, options } = end;
  const kept = points.findLast((point) => point.step === keptStep);
  // Curves of test images must not be used to choose by: nothing is said where no images were held out.
  const verdict = points.at(-1)?.validation && judgeCurves(points.map(toCurvePoint));
  const first = await predictFirst(end.model, end.test);
  if (!isNew) adviseToGoOn(ended, { options, totalSteps: end.totalSteps }, output);
  const trouble = describeTrouble(points, keptStep);
  if (trouble?.isAboutData) {
    output.warn(`${trouble.text}. To look at the images:`, showCommand(options, { split: 'test', index: 0 }));
  } else if (trouble) output.warn(trouble.text);
  const images = Math.min(options.evalImages, end.test.count);
  if (output.json) output.result({ model: folder, ...summarize(end, kept, images), first, verdict });
  else {
    output.result(formatSteps(end, kept, images));
    output.result(`model: ${escapeText(folder)}`);
    output.result(`first test images, predicted: ${first.predictions.join(' ')}`);
    output.result(`first test images, true:      ${first.labels.join(' ')}`);
  }
  if (verdict !== undefined) output.note(`curves: ${formatVerdict(verdict)}`);
  output.next(formatCommand('eval', { flags: { model: folder } }));
}

type KeptPoint = Omit<StepEvent, 'type'> | undefined;

/** Step, epoch and scores are those of the weights that the model holds. */
function summarize({ ended, keptStep }: TrainingEnd, kept: KeptPoint, images: number) {
  const { step: steps, reason, elapsedMs, best } = ended;
  const { epoch, validation } = kept ?? {};
  const test = kept && { ...kept.test, images };
  return { step: keptStep, epoch, steps, reason, elapsedMs, best, test, validation };
}

function formatSteps({ ended, keptStep }: TrainingEnd, kept: KeptPoint, images: number): string {
  const scores = [
    ...(kept
      ? [`test accuracy ${formatPercent(kept.test.accuracy)} on the first ${images} test images`]
      : []),
    ...(kept?.validation ? [`validation accuracy ${formatPercent(kept.validation.accuracy)}`] : []),
  ];
  const trained = `trained ${ended.step} steps in ${formatDuration(ended.elapsedMs)}`;
  if (keptStep === ended.step) return [trained, ...scores].join(', ');
  return `${trained}, kept the weights of step ${keptStep}: ${scores.join(', ')}`;
}

/** The first ten test images as the model reads them, and as they are. */
async function predictFirst(model: Model, test: Examples) {
  const { images, labels, count } = takeRange(test, 0, 10);
  const predictions = count === 0 ? [] : predictClasses(await predictLogits(model, images), count);
  return { predictions: [...predictions], labels: [...labels] };
}
