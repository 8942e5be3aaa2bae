import { TrainerError } from '../core/errors.ts';
import { dot, findStrongestDirections } from './strongest-directions.ts';

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
  const kept = Math.min(components, width, count);
  const products = innerProducts(centerColumns(features, width), count);
  const { values, vectors } = findStrongestDirections(products, count, kept);
  const reduced = new Float64Array(count * kept);
  vectors.forEach((vector, component) => {
    const value = values[component] ?? 0;
    // Of few directions the last values are zero but for rounding, to either side.
    if (value <= 0) return;
    const length = Math.sqrt(value) * signOf(vector);
    for (let row = 0; row < count; row++) reduced[row * kept + component] = (vector[row] ?? 0) * length;
  });
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

function innerProducts(values: Float64Array, count: number): Float64Array {
  const width = values.length / count;
  const rows = Array.from({ length: count }, (_, row) => values.subarray(row * width, (row + 1) * width));
  const products = new Float64Array(count * count);
  for (const [first, left] of rows.entries()) {
    for (const [second, right] of rows.slice(0, first + 1).entries()) {
      const product = dot(left, right);
      products[first * count + second] = product;
      products[second * count + first] = product;
    }
  }
  return products;
}

function signOf(vector: Float64Array): number {
  const largest = vector.reduce((kept, value) => (Math.abs(value) > Math.abs(kept) ? value : kept), 0);
  return largest < 0 ? -1 : 1;
}
