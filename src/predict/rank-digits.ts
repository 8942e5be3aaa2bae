import { softmax } from '../core/softmax.ts';

/** A digit with its probability. */
export interface RankedDigit {
  readonly digit: number;
  readonly score: number;
}

/** Probabilities of logits, by softmax, the most probable digit first; of equals the smaller one. */
export function rankDigits(logits: Float32Array, temperature = 1): readonly RankedDigit[] {
  return Array.from(softmax(logits, temperature), (score, digit) => ({ digit, score })).sort(
    (one, other) => other.score - one.score || one.digit - other.digit,
  );
}
