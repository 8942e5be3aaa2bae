import { softmax } from '../core/softmax.ts';

/** A digit with its probability. */
export interface RankedDigit {
  readonly digit: number;
  readonly score: number;
}

/** Probabilities of logits, by softmax, the most probable digit first; of equals the smaller one. */
export function rankDigits(logits: Float32Array): readonly RankedDigit[] {
  return rankProbabilities(softmax(logits));
}

/** Digits by their probabilities, the most probable first; of equals the smaller one. */
export function rankProbabilities(probabilities: Float64Array): readonly RankedDigit[] {
  return Array.from(probabilities, (score, digit) => ({ digit, score })).sort(
    (one, other) => other.score - one.score || one.digit - other.digit,
  );
}
