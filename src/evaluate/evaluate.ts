import type { Examples } from '../data/split.ts';
import { askNetworks, averageLogits, type Network } from '../model/ensemble.ts';
import { predictLogits } from '../model/forward.ts';
import type { Model } from '../model/model.ts';
import { countCorrect, meanLoss, predictClasses } from './metrics.ts';

/** A model's answers to some examples, and how good they are. */
export interface Evaluation {
  /** [count, 10], row by row. */
  readonly logits: Float32Array;
  readonly predictions: Uint8Array;
  /** Mean softmax cross-entropy. */
  readonly loss: number;
  readonly correct: number;
  /** 0 to 1. */
  readonly accuracy: number;
}

/** Measures a model on examples, dropout off. */
export async function evaluateModel(model: Model, examples: Examples): Promise<Evaluation> {
  return evaluateLogits(await predictLogits(model, examples.images), examples);
}

/** Measures networks on examples as one; of a single one this is what `evaluateModel` gives. */
export async function evaluateNetworks(
  networks: readonly Network[],
  examples: Examples,
): Promise<Evaluation> {
  return evaluateLogits(averageLogits(await askNetworks(networks, examples.images)), examples);
}

function evaluateLogits(logits: Float32Array, { labels, count }: Examples): Evaluation {
  const predictions = predictClasses(logits, count);
  const correct = countCorrect(predictions, labels);
  return { logits, predictions, loss: meanLoss(logits, labels), correct, accuracy: correct / count };
}
