import type { Points } from './pca.ts';

/**
 * How near points are to each other, as t-SNE sees it: [count, count], symmetric, summing to 1 (van der Maaten and
 * Hinton, 2008, equations 1 and 12). Around each point lies a Gauss curve as wide as it takes to have `perplexity`
 * neighbors.
 */
export function computeAffinities({ values, count, width }: Points, perplexity: number): Float64Array {
  const distances = squaredDistances(values, count, width);
  const conditional = new Float64Array(count * count);
  for (let row = 0; row < count; row++) {
    fitRow(distances.subarray(row * count, (row + 1) * count), row, {
      entropy: Math.log(perplexity),
      result: conditional.subarray(row * count, (row + 1) * count),
    });
  }
  const joint = new Float64Array(count * count);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      const both = (conditional[row * count + column] ?? 0) + (conditional[column * count + row] ?? 0);
      joint[row * count + column] = both / (2 * count);
    }
  }
  return joint;
}

/** [count, count]; zero on the diagonal. */
function squaredDistances(values: Float64Array, count: number, width: number): Float64Array {
  const distances = new Float64Array(count * count);
  for (let first = 0; first < count; first++) {
    for (let second = first + 1; second < count; second++) {
      let sum = 0;
      for (let index = 0; index < width; index++) {
        const difference = (values[first * width + index] ?? 0) - (values[second * width + index] ?? 0);
        sum += difference * difference;
      }
      distances[first * count + second] = sum;
      distances[second * count + first] = sum;
    }
  }
  return distances;
}

/** Halves the interval around the width of the curve until the row's entropy is the wanted one. */
function fitRow(
  distances: Float64Array,
  self: number,
  { entropy, result }: { readonly entropy: number; readonly result: Float64Array },
): void {
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / Math.max(1, distances.length - 1);
  let nearest = Number.POSITIVE_INFINITY;
  distances.forEach((distance, index) => {
    if (index !== self) nearest = Math.min(nearest, distance);
  });
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let precision = mean === 0 ? 1 : 1 / mean;
  for (let round = 0; round < 64; round++) {
    let [total, weighted] = [0, 0];
    for (let index = 0; index < distances.length; index++) {
      // Measured from the nearest, so that not all powers vanish where everything is far away.
      const beyond = (distances[index] ?? 0) - nearest;
      const power = index === self ? 0 : Math.exp(-precision * beyond);
      result[index] = power;
      total += power;
      weighted += power * beyond;
    }
    for (let index = 0; index < distances.length; index++) result[index] = (result[index] ?? 0) / total;
    const found = Math.log(total) + (precision * weighted) / total;
    if (Math.abs(found - entropy) < 1e-5) return;
    if (found > entropy) low = precision;
    else high = precision;
    precision = high === Number.POSITIVE_INFINITY ? precision * 2 : (low + high) / 2;
  }
}
