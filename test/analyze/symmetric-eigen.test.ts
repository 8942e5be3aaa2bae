import { describe, expect, test } from 'vitest';
import { decomposeSymmetric } from '../../src/analyze/symmetric-eigen.ts';
import { random } from '../../src/core/random.ts';

const dot = (left: Float64Array, right: Float64Array) =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
const rowOf = (matrix: Float64Array, size: number, row: number) =>
  matrix.subarray(row * size, (row + 1) * size);

/** A symmetric matrix of random numbers. */
function createSymmetric(size: number): Float64Array {
  const numbers = random(1, 'symmetric');
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++)
      matrix[row * size + column] = matrix[column * size + row] = numbers.normal();
  return matrix;
}

describe('the eigenvalues of a symmetric matrix', () => {
  test('of a 2 x 2 matrix are those that a pencil finds', () => {
    const { values } = decomposeSymmetric(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values].map((value) => Number(value.toFixed(12)))).toEqual([1, 3]);
  });

  test('of a diagonal matrix are its diagonal, rising', () => {
    expect([...decomposeSymmetric(Float64Array.of(3, 0, 0, 0, -1, 0, 0, 0, 2), 3).values]).toEqual([
      -1, 2, 3,
    ]);
  });

  test.each([1, 2, 7, 40])('with the vectors give the matrix of size %i back', (size) => {
    const matrix = createSymmetric(size);
    const { values, vectors } = decomposeSymmetric(matrix, size);
    for (let index = 0; index < size; index++) {
      const vector = rowOf(vectors, size, index);
      const product = Float64Array.from({ length: size }, (_, row) => dot(rowOf(matrix, size, row), vector));
      const off = product.map((value, row) => Math.abs(value - (values[index] ?? 0) * (vector[row] ?? 0)));
      expect(Math.max(...off)).toBeLessThan(1e-12);
    }
  });

  test('have vectors that stand upright on each other, of length 1', () => {
    const { vectors } = decomposeSymmetric(createSymmetric(20), 20);
    const row = (index: number) => rowOf(vectors, 20, index);
    expect(dot(row(3), row(3))).toBeCloseTo(1, 12);
    expect(dot(row(3), row(17))).toBeCloseTo(0, 12);
  });

  test('are zeros where the matrix is', () => {
    expect([...decomposeSymmetric(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
  });

  test('of nothing are none', () => {
    expect(decomposeSymmetric(new Float64Array(0), 0).values).toHaveLength(0);
  });
});
