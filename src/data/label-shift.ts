import type { Examples } from './split.ts';
import {
  countRivals,
  isSecondRight,
  makeThumbnail,
  nearestClass,
  normalize,
  sampleIndices,
  thumbnailSize,
} from './thumbnails.ts';

/** Labels that fit the images after or before theirs. */
export interface LabelShift {
  /** Image n fits label n + offset. */
  readonly offset: 1 | -1;
  /** Shares of the images sampled that their own label fits, and that the shifted one does. */
  readonly own: number;
  readonly shifted: number;
  /** An image that the shifted label fits and its own does not. */
  readonly index: number;
}

/**
 * Finds labels that were moved by one against their images. Half of a sample gives the mean image of each label; how many of
 * the other half are nearest to the mean of their label is compared for each image's own label and for its neighbors'.
 */
export function findLabelShift(examples: Examples): LabelShift | undefined {
  const sample = sampleIndices(examples.count, 1000)
    .filter((index) => index > 0 && index < examples.count - 1)
    .map((index) => ({ index, thumbnail: makeThumbnail(examples, index) }));
  const half = sample.filter((_, at) => at % 2 === 1);
  const own = fitOf(0);
  for (const offset of [1, -1] as const) {
    const shifted = fitOf(offset);
    const counts = countRivals(half.map((_, at) => [own[at] === true, shifted[at] === true]));
    if (!isSecondRight(counts)) continue;
    const index = half.find((_, at) => shifted[at] === true && own[at] === false)?.index ?? 0;
    return { offset, own: counts.first / counts.count, shifted: counts.second / counts.count, index };
  }
  return undefined;

  function fitOf(offset: number): readonly boolean[] {
    const means = Array.from({ length: 10 }, () => new Float32Array(thumbnailSize));
    sample.forEach(({ index, thumbnail }, at) => {
      const mean = means[examples.labels[index + offset] ?? 0];
      if (at % 2 === 0 && mean !== undefined)
        thumbnail.forEach((value, cell) => (mean[cell] = (mean[cell] ?? 0) + value));
    });
    for (const mean of means) normalize(mean);
    return half.map(
      ({ index, thumbnail }) => nearestClass(thumbnail, means) === examples.labels[index + offset],
    );
  }
}
