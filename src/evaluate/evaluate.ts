import type { Examples } from '../data/split.ts';
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
  const logits = await predictLogits(model, examples.images);
  const predictions = predictClasses(logits, examples.count);
  const correct = countCorrect(predictions, examples.labels);
  return {
    logits,
    predictions,
    loss: meanLoss(logits, examples.labels),
    correct,
    accuracy: correct / examples.count,
  };
}
