import { familiarityOf } from '../core/softmax.ts';
import { type Examples, type Splits, takeRange } from '../data/split.ts';
import { predictLogits } from '../model/forward.ts';
import { type Calibration, familiarityPercents } from '../model/metadata.ts';
import type { Model } from '../model/model.ts';
import { expectedCalibrationError, fitTemperature } from './calibration.ts';
import { toProbabilities } from './metrics.ts';

/** Training images that are looked at where none are held out. */
const mostTrainingImages = 2000;

/**
 * Measures how far a model's scores can be trusted: the temperature that fits the validation images, the error that it
 * leaves, and how familiar these images look to the model. Without validation images there is no temperature, since the
 * scores of training images are too good, and familiarity is measured on the first 2,000 training images. `undefined` if
 * a logit is not finite.
 */
export async function calibrate(
  model: Model,
  { validation, train }: Pick<Splits, 'validation' | 'train'>,
): Promise<Calibration | undefined> {
  const examples = validation ?? takeRange(train, 0, mostTrainingImages);
  const logits = await predictLogits(model, examples.images);
  if (!logits.every(Number.isFinite)) return undefined;
  const familiarity = measureFamiliarity(logits, examples.count);
  const images = examples.count;
  if (validation === undefined) return { from: 'training', images, familiarity };
  return { from: 'validation', images, ...measureTemperature(logits, examples), familiarity };
}

function measureTemperature(logits: Float32Array, { labels, count }: Examples) {
  const temperature = round(fitTemperature(logits, labels));
  const error = expectedCalibrationError(toProbabilities(logits, count, temperature), labels);
  return { temperature, error: round(error) };
}

/** Percentiles of how familiar examples are by their logits, [n, classes]: those of images unlike these lie below. */
function measureFamiliarity(logits: Float32Array, count: number): Calibration['familiarity'] {
  const classCount = logits.length / count;
  const sorted = Float64Array.from({ length: count }, (_, index) =>
    familiarityOf(logits.subarray(index * classCount, (index + 1) * classCount)),
  ).sort();
  return familiarityPercents.map((percent) => ({
    percent,
    value: round(sorted[Math.floor((percent / 100) * count)] ?? 0),
  }));
}

/** Six digits are more than the images can tell. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
