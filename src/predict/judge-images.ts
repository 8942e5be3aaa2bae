import { familiarityOf } from '../core/softmax.ts';
import { type Answer, averageProbabilities } from '../model/ensemble.ts';
import { type RankedDigit, rankProbabilities } from './rank-digits.ts';

/** What networks together say of an image. */
export interface Judgment {
  /** All ten digits, the most probable first, by the mean of the networks' probabilities. */
  readonly ranking: readonly RankedDigit[];
  /** Whether it is like the images that the networks were trained on, as far as they know. */
  readonly isFamiliar: boolean;
}

/** Judges images by the networks' answers, one judgment an image. */
export function judgeImages(answers: readonly Answer[]): readonly Judgment[] {
  const probabilities = averageProbabilities(answers);
  return Array.from({ length: probabilities.length / 10 }, (_, index) => {
    const [start, end] = [10 * index, 10 * index + 10];
    return {
      ranking: rankProbabilities(probabilities.subarray(start, end)),
      isFamiliar: isFamiliar(
        answers.map(({ logits, trust }) => ({ logits: logits.subarray(start, end), trust })),
      ),
    };
  });
}

/**
 * Whether the networks that have a floor find the logits of an image above it in the mean. What a network lacks or has to
 * spare is divided by its temperature: that brings logits to the scale on which their probabilities are right.
 */
function isFamiliar(answers: readonly Answer[]): boolean {
  const spare = answers.map(({ logits, trust: { floor, temperature } }) =>
    floor === undefined ? 0 : (familiarityOf(logits) - floor) / temperature,
  );
  return spare.reduce((sum, each) => sum + each, 0) >= 0;
}
