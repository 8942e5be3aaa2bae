import { random } from '../core/random.ts';

/** The largest eigenvalues of a matrix, falling, and their eigenvectors. */
export interface StrongestDirections {
  readonly values: readonly number[];
  /** One vector [size] of length 1 for each value, at right angles to the others. */
  readonly vectors: readonly Float64Array[];
}

/** Vectors iterated beyond those wanted: the more there are, the fewer products it takes. */
const extraVectors = 20;
/** Products of the matrix and a vector; more would only be needed to part values that hardly differ. */
const mostProducts = 150;
/** How far a product may be from its vector times the value, relative to the largest value. */
const tolerance = 1e-11;

/**
 * The `count` largest eigenvalues of a symmetric matrix [size, size] that has no negative ones: subspace iteration with
 * Chebyshev polynomials (Rutishauser, 1970, Numerische Mathematik 16: 205-223).
 */
export function findStrongestDirections(
  matrix: Float64Array,
  size: number,
  count: number,
): StrongestDirections {
  const rows = Array.from({ length: size }, (_, row) => matrix.subarray(row * size, (row + 1) * size));
  const numbers = random(0, 'directions');
  const start = Array.from({ length: Math.min(size, count + extraVectors) }, () =>
    Float64Array.from({ length: size }, () => numbers.normal()),
  );
  let vectors = orthogonalize(start);
  for (let products = 0; ; ) {
    const pairs = vectors.map((vector) => pairWithProduct(rows, vector));
    const wanted = pairs.slice(0, count);
    const largest = Math.max(...pairs.map(({ value }) => value));
    const isOff = wanted.some(({ residual }) => residual > tolerance * largest);
    if (!isOff || products >= mostProducts) {
      return { values: wanted.map(({ value }) => value), vectors: wanted.map(({ vector }) => vector) };
    }
    // The polynomial is at most 1 up to the least value of the block, and grows fast beyond it.
    const bound = Math.max(Math.min(...pairs.map(({ value }) => value)), 1e-9 * largest);
    // Were the degree higher, the weak vectors would drown in the rounding of the strong ones.
    const degree = Math.max(1, Math.min(20, Math.floor(18 / Math.acosh((2 * largest) / bound - 1))));
    vectors = orthogonalize(pairs.map((pair) => filter(rows, pair, { bound, degree })));
    products += degree;
  }
}

interface Pair {
  readonly vector: Float64Array;
  /** The matrix times the vector. */
  readonly product: Float64Array;
  /** The eigenvalue that belongs to the vector, as far as it is one. */
  readonly value: number;
  readonly residual: number;
}

function pairWithProduct(rows: readonly Float64Array[], vector: Float64Array): Pair {
  const product = multiply(rows, vector);
  const value = dot(vector, product);
  const off = product.map((element, at) => element - value * (vector[at] ?? 0));
  return { vector, product, value, residual: Math.sqrt(dot(off, off)) };
}

/** T(2 A / bound - 1) v, by the recurrence of the Chebyshev polynomials T. */
function filter(
  rows: readonly Float64Array[],
  { vector, product }: Pair,
  { bound, degree }: { readonly bound: number; readonly degree: number },
): Float64Array {
  let before = vector;
  let now = product.map((element, at) => (2 * element) / bound - (vector[at] ?? 0));
  for (let step = 1; step < degree; step++) {
    const [last, beforeLast] = [now, before];
    before = last;
    now = multiply(rows, last).map(
      (element, at) => (4 * element) / bound - 2 * (last[at] ?? 0) - (beforeLast[at] ?? 0),
    );
  }
  return now;
}

/**
 * Turns pairs of vectors until all are at right angles, and gives them length 1, the longest first (Hestenes, 1958,
 * Journal of the SIAM 6: 51-90). What they span stays the same.
 */
function orthogonalize(given: readonly Float64Array[]): readonly Float64Array[] {
  const vectors = given.map((vector) => ({ vector, square: dot(vector, vector) }));
  // Ten sweeps are many, since each squares what is left.
  for (let sweep = 0, isTurned = true; isTurned && sweep < 30; sweep++) {
    isTurned = false;
    for (const [index, first] of vectors.entries()) {
      for (const second of vectors.slice(index + 1)) isTurned = turn(first, second) || isTurned;
    }
  }
  return vectors
    .sort((one, other) => other.square - one.square)
    .map(({ vector, square }) => vector.map((element) => (square > 0 ? element / Math.sqrt(square) : 0)));
}

interface Measured {
  readonly vector: Float64Array;
  /** The square of its length. */
  square: number;
}

/** Rotates two vectors in their plane so that they are at right angles; false where they are already. */
function turn(first: Measured, second: Measured): boolean {
  const product = dot(first.vector, second.vector);
  if (Math.abs(product) <= 1e-13 * Math.sqrt(first.square * second.square)) return false;
  const ratio = (second.square - first.square) / (2 * product);
  const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (let at = 0; at < first.vector.length; at++) {
    const left = first.vector[at] ?? 0;
    const right = second.vector[at] ?? 0;
    first.vector[at] = cosine * left - sine * right;
    second.vector[at] = sine * left + cosine * right;
  }
  first.square = dot(first.vector, first.vector);
  second.square = dot(second.vector, second.vector);
  return true;
}

function multiply(rows: readonly Float64Array[], vector: Float64Array): Float64Array {
  return Float64Array.from(rows, (row) => dot(row, vector));
}

/** Two sums at a time, so that they do not wait for each other. */
export function dot(left: Float64Array, right: Float64Array): number {
  const { length } = left;
  let even = 0;
  let odd = 0;
  for (let index = 0; index < length; index += 2) {
    even += (left[index] ?? 0) * (right[index] ?? 0);
    odd += (left[index + 1] ?? 0) * (right[index + 1] ?? 0);
  }
  return even + odd;
}
