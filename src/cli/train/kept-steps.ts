import { readLastFeatures } from '../../analyze/last-features.ts';
import { predictClasses } from '../../evaluate/metrics.ts';
import type { Model } from '../../model/model.ts';
import { readWeights, writeWeights } from '../../model/weights.ts';
import { keepWeights, loadKeptWeights } from '../../run/kept-weights.ts';

/** What is drawn of one step: features of the last layer's input, [count, width], and readings. */
export interface StepFeatures {
  readonly features: Float32Array;
  readonly predictions: Uint8Array;
}

/**
 * Keeps the weights of a step, which its features follow from: copying them takes a third of a millisecond for `cnn`,
 * computing the features of 500 images thirty times as long.
 */
export function keepStep(folder: string, step: number, model: Model): void {
  keepWeights(folder, step, readWeights(model));
}

/** The features and readings of images, [count, 28, 28], at a step that was kept; the model has its weights afterwards. */
export async function loadStep(
  folder: string,
  step: number,
  { model, images }: { readonly model: Model; readonly images: Uint8Array },
): Promise<StepFeatures> {
  writeWeights(model, loadKeptWeights(folder, step));
  const { features, logits } = await readLastFeatures(model, images);
  return { features, predictions: predictClasses(logits, images.length / 784) };
}
