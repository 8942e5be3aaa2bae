import { cutPairs } from '../data/pairs.ts';
import type { Examples } from '../data/split.ts';
import { tasks } from '../model/architectures.ts';
import { predictLogits } from '../model/forward.ts';
import type { Model } from '../model/model.ts';
import type { Evaluation } from './evaluate.ts';
import { countCorrect, meanLoss, predictClasses, toProbabilities } from './metrics.ts';

const [digits, sums] = [tasks.digit.classes, tasks.sum.classes];

/**
 * Measures a network that reads one digit on pairs of them: it reads each, and the two readings are added. The logits are the
 * logarithms of the sums' probabilities, [count, 19].
 */
export async function evaluateSums(model: Model, pairs: Examples): Promise<Evaluation> {
  const logits = await predictLogits(model, cutPairs(pairs.images));
  const readings = predictClasses(logits, 2 * pairs.count);
  const predictions = Uint8Array.from({ length: pairs.count }, (_, index) => {
    return (readings[2 * index] ?? 0) + (readings[2 * index + 1] ?? 0);
  });
  const sumLogits = addProbabilities(toProbabilities(logits, 2 * pairs.count));
  const correct = countCorrect(predictions, pairs.labels);
  return {
    logits: sumLogits,
    predictions,
    loss: meanLoss(sumLogits, pairs.labels),
    correct,
    accuracy: correct / pairs.count,
  };
}

/** Probabilities of digits, left, right, left, ... [2 count, 10] -> logarithms of those of their sums [count, 19]. */
export function addProbabilities(probabilities: Float32Array): Float32Array {
  const count = probabilities.length / (2 * digits);
  const logarithms = new Float32Array(count * sums);
  for (let pair = 0; pair < count; pair++) {
    const row = new Float64Array(sums);
    for (let left = 0; left < digits; left++)
      for (let right = 0; right < digits; right++) {
        const [one = 0, other = 0] = [
          probabilities[2 * pair * digits + left],
          probabilities[(2 * pair + 1) * digits + right],
        ];
        row[left + right] = (row[left + right] ?? 0) + one * other;
      }
    // What is impossible would make the loss infinite.
    row.forEach((value, sum) => {
      logarithms[pair * sums + sum] = Math.log(Math.max(value, 1e-30));
    });
  }
  return logarithms;
}
