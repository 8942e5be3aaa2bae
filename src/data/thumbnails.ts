import { type Examples, imageAt } from './split.ts';

/** A digit in 7 x 7 numbers is enough to distinguish most digits, and their orientation. */
export const thumbnailSide = 7;
export const thumbnailSize = thumbnailSide * thumbnailSide;

/** Some examples of a data set, spread over all of it the same way each time: at most `most` indices. */
export function sampleIndices(count: number, most: number): readonly number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  // Steps of the golden ratio: evenly spread, and in step with no order that the examples may have.
  return Array.from({ length: most }, (_, step) =>
    Math.floor(((step * 0.618_033_988_749_894_9) % 1) * count),
  );
}

/** An image as 7 x 7 means of 4 x 4 pixels, of mean 0 and length 1: neither contrast nor paper counts. */
export function makeThumbnail(examples: Examples, index: number): Float32Array {
  const image = imageAt(examples, index);
  const sums = new Float32Array(thumbnailSize);
  for (let row = 0; row < 28; row++) {
    const start = (row >> 2) * thumbnailSide;
    for (let column = 0; column < 28; column++) {
      const at = start + (column >> 2);
      sums[at] = (sums[at] ?? 0) + (image[row * 28 + column] ?? 0);
    }
  }
  return normalize(sums);
}

/** Brings numbers to mean 0 and length 1, in place. */
export function normalize(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value;
  let squares = 0;
  for (let at = 0; at < values.length; at++) {
    values[at] = (values[at] ?? 0) - sum / values.length;
    squares += (values[at] ?? 0) ** 2;
  }
  const length = Math.sqrt(squares) || 1;
  for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) / length;
  return values;
}

/** The class whose mean is most like a thumbnail. */
export function nearestClass(thumbnail: Float32Array, means: readonly Float32Array[]): number {
  let [best, highest] = [0, Number.NEGATIVE_INFINITY];
  means.forEach((mean, label) => {
    let likeness = 0;
    for (let at = 0; at < thumbnailSize; at++) likeness += (thumbnail[at] ?? 0) * (mean[at] ?? 0);
    if (likeness > highest) [best, highest] = [label, likeness];
  });
  return best;
}

/** How often two ways to see the same examples are right: both rates, and in how many examples only one is. */
export interface RivalCounts {
  readonly count: number;
  readonly first: number;
  readonly second: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

/** Counts over pairs of answers, right or wrong. */
export function countRivals(answers: readonly (readonly [first: boolean, second: boolean])[]): RivalCounts {
  const count = (isCounted: (first: boolean, second: boolean) => boolean) =>
    answers.filter(([first, second]) => isCounted(first, second)).length;
  return {
    count: answers.length,
    first: count((first) => first),
    second: count((_, second) => second),
    onlyFirst: count((first, second) => first && !second),
    onlySecond: count((first, second) => second && !first),
  };
}

/**
 * Whether the second way is right significantly more often: four standard deviations of
 * McNemar's test, in a fifth of the examples more, and in two fifths altogether, which ten classes do not give by chance.
 */
export function isSecondRight({ count, second, onlyFirst, onlySecond }: RivalCounts): boolean {
  const gain = onlySecond - onlyFirst;
  return gain > 4 * Math.sqrt(onlyFirst + onlySecond) && gain > count / 5 && second > (count * 2) / 5;
}
