import { readLastFeatures } from '../../analyze/last-features.ts';
import { predictClasses } from '../../evaluate/metrics.ts';
import type { Model } from '../../model/layers.ts';
import { countParameters } from '../../model/shapes.ts';
import { readWeights, writeWeights } from '../../model/weights.ts';
import { keepFeatures, loadKeptFeatures } from '../../run/kept-features.ts';

/** What is drawn of one step: features of the last layer's input, [count, width], and readings. */
export interface StepFeatures {
  readonly features: Float32Array;
  readonly predictions: Uint8Array;
}

/**
 * Keeps what a step's picture needs: the features themselves, or the weights that they follow from where those are
 * fewer numbers, as they are for `cnn` (28,938 against 784,000), where copying them takes no time worth mentioning.
 */
export async function keepStep(
  folder: string,
  step: number,
  { model, images, width }: { readonly model: Model; readonly images: Uint8Array; readonly width: number },
): Promise<void> {
  const count = images.length / 784;
  if (countParameters(model.architecture) <= count * width) {
    return keepFeatures(folder, step, readWeights(model));
  }
  const { features, logits } = await readLastFeatures(model, images);
  keepFeatures(folder, step, [
    { name: 'features', shape: [count, width], values: features },
    { name: 'logits', shape: [count, logits.length / count], values: logits },
  ]);
}

/** The features kept of a step, or those that its weights give: the model has these weights afterwards. */
export async function loadStep(
  folder: string,
  step: number,
  { model, images }: { readonly model: Model; readonly images: Uint8Array },
): Promise<StepFeatures> {
  const arrays = loadKeptFeatures(folder, step);
  const kept = (name: string) => arrays.find((array) => array.name === name)?.values;
  const [features, logits] = [kept('features'), kept('logits')];
  const count = images.length / 784;
  if (features !== undefined && logits !== undefined)
    return { features, predictions: predictClasses(logits, count) };
  writeWeights(model, arrays);
  const read = await readLastFeatures(model, images);
  return { features: read.features, predictions: predictClasses(read.logits, count) };
}
