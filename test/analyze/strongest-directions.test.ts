import { describe, expect, test } from 'vitest';
import { findStrongestDirections } from '../../src/analyze/strongest-directions.ts';
import { random } from '../../src/core/random.ts';

const dot = (left: Float64Array, right: Float64Array) =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
const rowOf = (matrix: Float64Array, size: number, row: number) =>
  matrix.subarray(row * size, (row + 1) * size);

/** The inner products of `size` random rows of so many numbers: a symmetric matrix of that rank at most. */
function createProducts(size: number, width = size): Float64Array {
  const numbers = random(1, 'symmetric');
  const rows = Array.from({ length: size }, () =>
    Float64Array.from({ length: width }, () => numbers.normal()),
  );
  return Float64Array.from(rows.flatMap((left) => rows.map((right) => dot(left, right))));
}

describe('the strongest directions of a symmetric matrix', () => {
  test('of a 2 x 2 matrix are those that a pencil finds', () => {
    const { values } = findStrongestDirections(Float64Array.of(2, 1, 1, 2), 2, 2);
    expect([...values].map((value) => Number(value.toFixed(12)))).toEqual([3, 1]);
  });

  test('of a diagonal matrix are the largest of its diagonal, falling', () => {
    const { values } = findStrongestDirections(Float64Array.of(3, 0, 0, 0, 1, 0, 0, 0, 2), 3, 2);
    expect([...values].map((value) => Number(value.toFixed(12)))).toEqual([3, 2]);
  });

  test.each([1, 2, 7, 40, 150])('are eigenvectors of a matrix of size %i', (size) => {
    const matrix = createProducts(size);
    const { values, vectors } = findStrongestDirections(matrix, size, Math.min(size, 20));
    for (const [index, vector] of vectors.entries()) {
      const product = Float64Array.from({ length: size }, (_, row) => dot(rowOf(matrix, size, row), vector));
      const off = product.map((value, row) => Math.abs(value - (values[index] ?? 0) * (vector[row] ?? 0)));
      expect(Math.max(...off) / (values[0] ?? 0)).toBeLessThan(1e-11);
    }
  });

  test('leave out nothing that is stronger', () => {
    const matrix = createProducts(150);
    const few = findStrongestDirections(matrix, 150, 20).values;
    const all = findStrongestDirections(matrix, 150, 150).values;
    expect(Math.max(...few.map((value, index) => Math.abs(value - (all[index] ?? 0))))).toBeLessThan(1e-8);
  });

  test('stand upright on each other and have length 1', () => {
    const { vectors } = findStrongestDirections(createProducts(60), 60, 20);
    const [third, last] = [vectors[3], vectors[17]] as readonly [Float64Array, Float64Array];
    expect(dot(third, third)).toBeCloseTo(1, 12);
    expect(dot(third, last)).toBeCloseTo(0, 12);
  });

  test('are found where they are many times the same', () => {
    const identity = Float64Array.from({ length: 60 * 60 }, (_, at) => (at % 61 === 0 ? 7 : 0));
    const { values } = findStrongestDirections(identity, 60, 20);
    expect([...values].map((value) => Number(value.toFixed(12)))).toEqual(
      Array.from({ length: 20 }, () => 7),
    );
  });

  test('are zeros, but for rounding, beyond the rank of the matrix', () => {
    const { values } = findStrongestDirections(createProducts(90, 3), 90, 5);
    expect([...values].map((value) => Math.abs(value) > 1e-10)).toEqual([true, true, true, false, false]);
  });

  test('are zeros where the matrix is', () => {
    expect([...findStrongestDirections(new Float64Array(9), 3, 3).values]).toEqual([0, 0, 0]);
  });

  test('of nothing are none', () => {
    expect(findStrongestDirections(new Float64Array(0), 0, 3).values).toHaveLength(0);
  });
});
