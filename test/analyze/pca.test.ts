import { describe, expect, test } from 'vitest';
import { reduceToComponents } from '../../src/analyze/pca.ts';
import { random } from '../../src/core/random.ts';

/** Points that scatter widely along one direction, less along a second, and hardly elsewhere: [count, 6]. */
function createCloud(count: number): Float32Array {
  const numbers = random(2, 'cloud');
  return Float32Array.from(
    Array.from({ length: count }, () => {
      const [wide, narrow] = [10 * numbers.normal(), 3 * numbers.normal()];
      const noise = () => 0.01 * numbers.normal();
      return [5 + wide, wide, narrow, -narrow, 7, 0].map((value) => value + noise());
    }).flat(),
  );
}

const columnOf = (values: Float64Array, width: number, column: number) =>
  values.filter((_, index) => index % width === column);
const varianceOf = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);

describe('principal components', () => {
  const { values, width } = reduceToComponents(createCloud(60), 60, 3);

  test('come in the order of their variance', () => {
    const variances = [0, 1, 2].map((column) => varianceOf(columnOf(values, width, column)));
    expect(variances).toEqual(variances.toSorted((left, right) => right - left));
  });

  test('are centered', () => {
    expect(columnOf(values, width, 0).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
  });

  test('keep the distances of points that lie in few directions', () => {
    const cloud = createCloud(60);
    const between = (of: ArrayLike<number>, size: number) =>
      Math.hypot(...Array.from({ length: size }, (_, index) => (of[index] ?? 0) - (of[size + index] ?? 0)));
    expect(between(values, 3)).toBeCloseTo(between(cloud, 6), 1);
  });

  test('have their largest value above zero', () => {
    const column = columnOf(values, width, 1);
    expect(Math.max(...column)).toBeGreaterThan(Math.max(...column.map((value) => -value)));
  });

  test('are never more than columns or rows', () => {
    expect(reduceToComponents(createCloud(60), 60, 50).width).toBe(6);
    expect(reduceToComponents(createCloud(4), 4, 50).width).toBe(4);
  });

  test('of points that are all the same are zeros', () => {
    expect([...reduceToComponents(new Float32Array(12).fill(3), 4, 2).values]).toEqual(
      Array.from({ length: 8 }, () => 0),
    );
  });

  test.each([
    ['no whole rows', new Float32Array(7), 2],
    ['no number', Float32Array.of(1, Number.NaN), 2],
  ])('are refused of %s', (_, features, count) => {
    expect(() => reduceToComponents(features, count, 2)).toThrow(
      `cannot reduce ${features.length} features of ${count} images: expected finite numbers, as many for each`,
    );
  });
});
