import { predictClasses, toProbabilities } from './metrics.ts';

/** An example that a model misreads. */
export interface Misclassified {
  /** Where it stands among the examples. */
  readonly index: number;
  readonly label: number;
  readonly prediction: number;
  /** What the model gives the predicted class, 0 to 1. */
  readonly probability: number;
  /** What it gives the right one. */
  readonly labelProbability: number;
}

/**
 * The examples whose prediction is not their label, in their order: logits [n, classes], labels [n]. Their probabilities
 * are those at the model's temperature.
 */
export function findMisclassified(
  logits: Float32Array,
  labels: Uint8Array,
  temperature = 1,
): readonly Misclassified[] {
  const probabilities = toProbabilities(logits, labels.length, temperature);
  const predictions = predictClasses(logits, labels.length);
  const classCount = logits.length / labels.length;
  return Array.from(labels).flatMap((label, index) => {
    const prediction = predictions[index] ?? 0;
    if (prediction === label) return [];
    return [
      {
        index,
        label,
        prediction,
        probability: probabilities[index * classCount + prediction] ?? 0,
        labelProbability: probabilities[index * classCount + label] ?? 0,
      },
    ];
  });
}
