import { TrainerError } from '../core/errors.ts';
import { decomposeSymmetric } from './symmetric-eigen.ts';

/** Points of a space, row by row: [count, width]. */
export interface Points {
  readonly values: Float64Array;
  readonly count: number;
  readonly width: number;
}

/**
 * The principal components of features, the strongest first: [count, width] -> [count, components], centered.
 *
 * They are the eigenvectors of the inner products of the centered rows, [count, count], each times the root of its
 * eigenvalue: with fewer rows than columns that is far less work than the columns' covariance. Of the two signs that a
 * component can have it gets the one that makes its largest value positive, so that the same features give the same points.
 *
 * @throws TrainerError `E_INTERNAL` where the features are not rows of one width, or are not finite.
 */
export function reduceToComponents(features: Float32Array, count: number, components: number): Points {
  const width = features.length / count;
  if (count < 1 || !Number.isInteger(width) || !features.every(Number.isFinite)) {
    throw new TrainerError(
      'E_INTERNAL',
      `cannot reduce ${features.length} features of ${count} images: expected finite numbers, as many for each`,
    );
  }
  const { values, vectors } = decomposeSymmetric(innerProducts(centerColumns(features, width), count), count);
  const kept = Math.min(components, width, count);
  const reduced = new Float64Array(count * kept);
  for (let component = 0; component < kept; component++) {
    const rank = count - 1 - component;
    const vector = vectors.subarray(rank * count, (rank + 1) * count);
    // A rank below `count` leaves values that are zero but for rounding, to either side.
    const length = Math.sqrt(Math.max(0, values[rank] ?? 0)) * signOf(vector);
    for (let row = 0; row < count; row++) reduced[row * kept + component] = (vector[row] ?? 0) * length;
  }
  return { values: reduced, count, width: kept };
}

function centerColumns(features: Float32Array, width: number): Float64Array {
  const means = new Float64Array(width);
  const count = features.length / width;
  for (let index = 0; index < features.length; index++)
    means[index % width] = (means[index % width] ?? 0) + (features[index] ?? 0) / count;
  const centered = new Float64Array(features.length);
  for (let index = 0; index < features.length; index++)
    centered[index] = (features[index] ?? 0) - (means[index % width] ?? 0);
  return centered;
}

/** Two sums at a time, so that they do not wait for each other. */
function innerProducts(rows: Float64Array, count: number): Float64Array {
  const width = rows.length / count;
  const products = new Float64Array(count * count);
  for (let first = 0; first < count; first++) {
    const left = rows.subarray(first * width, (first + 1) * width);
    for (let second = first; second < count; second++) {
      const right = rows.subarray(second * width, (second + 1) * width);
      let [even, odd] = [0, 0];
      for (let index = 0; index < width; index += 2) {
        even += (left[index] ?? 0) * (right[index] ?? 0);
        odd += (left[index + 1] ?? 0) * (right[index + 1] ?? 0);
      }
      products[first * count + second] = even + odd;
      products[second * count + first] = even + odd;
    }
  }
  return products;
}

function signOf(vector: Float64Array): number {
  const largest = vector.reduce((kept, value) => (Math.abs(value) > Math.abs(kept) ? value : kept), 0);
  return largest < 0 ? -1 : 1;
}
