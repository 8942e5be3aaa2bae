/** The eigenvalues of a symmetric matrix, rising, and an eigenvector of length 1 for each. */
export interface Eigen {
  /** [size] */
  readonly values: Float64Array;
  /** [size, size]; row j belongs to value j. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix [size, size]: Householder's tridiagonal form, then QL with
 * implicit shifts (Bowdler, Martin, Reinsch and Wilkinson, 1968; the routines tred2 and tql2 of EISPACK).
 */
export function decomposeSymmetric(matrix: Float64Array, size: number): Eigen {
  const vectors = Float64Array.from(matrix);
  const values = new Float64Array(size);
  const beside = new Float64Array(size);
  if (size > 0) {
    tridiagonalize({ vectors, values, beside }, size);
    iterate({ vectors, values, beside }, size);
  }
  return sortRising({ values, vectors }, size);
}

/** `values` is the diagonal of the tridiagonal form, `beside` what stands beside it. */
interface Work extends Eigen {
  readonly beside: Float64Array;
}

/** Reduces the matrix in `vectors`, from its last row up, and leaves the rotation that did it there. */
function tridiagonalize({ vectors: v, values: d, beside: e }: Work, n: number): void {
  for (let j = 0; j < n; j++) d[j] = v[j * n + n - 1] ?? 0;
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    let h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k] ?? 0);
    if (scale === 0) {
      e[i] = d[i - 1] ?? 0;
      for (let j = 0; j < i; j++) {
        d[j] = v[j * n + i - 1] ?? 0;
        v[j * n + i] = 0;
        v[i * n + j] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        const scaled = (d[k] ?? 0) / scale;
        d[k] = scaled;
        h += scaled * scaled;
      }
      const f = d[i - 1] ?? 0;
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      reflect({ vectors: v, values: d, beside: e }, { n, i, h });
    }
    d[i] = h;
  }
  accumulate(v, d, n);
  e[0] = 0;
}

/** Applies the Householder vector in `d`, of half its squared length `h`, to the rows and columns before `i`. */
function reflect(
  { vectors: v, values: d, beside: e }: Work,
  { n, i, h }: { readonly n: number; readonly i: number; readonly h: number },
): void {
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const f = d[j] ?? 0;
    v[i * n + j] = f;
    let g = (e[j] ?? 0) + (v[j * n + j] ?? 0) * f;
    for (let k = j + 1; k < i; k++) {
      const value = v[j * n + k] ?? 0;
      g += value * (d[k] ?? 0);
      e[k] = (e[k] ?? 0) + value * f;
    }
    e[j] = g;
  }
  let product = 0;
  for (let j = 0; j < i; j++) {
    e[j] = (e[j] ?? 0) / h;
    product += (e[j] ?? 0) * (d[j] ?? 0);
  }
  const half = product / (h + h);
  for (let j = 0; j < i; j++) e[j] = (e[j] ?? 0) - half * (d[j] ?? 0);
  for (let j = 0; j < i; j++) {
    const [f, g] = [d[j] ?? 0, e[j] ?? 0];
    for (let k = j; k < i; k++) {
      v[j * n + k] = (v[j * n + k] ?? 0) - (f * (e[k] ?? 0) + g * (d[k] ?? 0));
    }
    d[j] = v[j * n + i - 1] ?? 0;
    v[j * n + i] = 0;
  }
}

/** Multiplies the Householder vectors in `v` to the one rotation they come to. */
function accumulate(v: Float64Array, d: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    v[i * n + n - 1] = v[i * n + i] ?? 0;
    v[i * n + i] = 1;
    const h = d[i + 1] ?? 0;
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = (v[(i + 1) * n + k] ?? 0) / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += (v[(i + 1) * n + k] ?? 0) * (v[j * n + k] ?? 0);
        for (let k = 0; k <= i; k++) v[j * n + k] = (v[j * n + k] ?? 0) - g * (d[k] ?? 0);
      }
    }
    for (let k = 0; k <= i; k++) v[(i + 1) * n + k] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j * n + n - 1] ?? 0;
    v[j * n + n - 1] = 0;
  }
  v[n * n - 1] = 1;
}

/** Turns the tridiagonal form into a diagonal one, value by value. */
function iterate({ vectors: v, values: d, beside: e }: Work, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i] ?? 0;
  e[n - 1] = 0;
  let shift = 0;
  let largest = 0;
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l] ?? 0) + Math.abs(e[l] ?? 0));
    let m = l;
    while (m < n - 1 && Math.abs(e[m] ?? 0) > Number.EPSILON * largest) m++;
    // Each value takes two or three rounds; thirty are EISPACK's limit, so that no matrix loops forever.
    const mostRounds = m > l ? 30 : 0;
    for (let round = 0; round < mostRounds; round++) {
      const g = d[l] ?? 0;
      const beforeShift = ((d[l + 1] ?? 0) - g) / (2 * (e[l] ?? 0));
      const radius = beforeShift < 0 ? -Math.hypot(beforeShift, 1) : Math.hypot(beforeShift, 1);
      const next = (e[l] ?? 0) * (beforeShift + radius);
      d[l] = (e[l] ?? 0) / (beforeShift + radius);
      d[l + 1] = next;
      const change = g - (d[l] ?? 0);
      for (let i = l + 2; i < n; i++) d[i] = (d[i] ?? 0) - change;
      shift += change;
      sweep({ vectors: v, values: d, beside: e }, { n, l, m, next });
      if (Math.abs(e[l] ?? 0) <= Number.EPSILON * largest) break;
    }
    d[l] = (d[l] ?? 0) + shift;
    e[l] = 0;
  }
}

/** One QL step between the rows `l` and `m`, with its rotations on the vectors. */
function sweep(
  { vectors: v, values: d, beside: e }: Work,
  { n, l, m, next }: { readonly n: number; readonly l: number; readonly m: number; readonly next: number },
): void {
  let p = d[m] ?? 0;
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
  const following = e[l + 1] ?? 0;
  for (let i = m - 1; i >= l; i--) {
    [c3, c2, s2] = [c2, c, s];
    const [g, h] = [c * (e[i] ?? 0), c * p];
    const r = Math.hypot(p, e[i] ?? 0);
    e[i + 1] = s * r;
    s = (e[i] ?? 0) / r;
    c = p / r;
    p = c * (d[i] ?? 0) - s * g;
    d[i + 1] = h + s * (c * g + s * (d[i] ?? 0));
    for (let k = 0; k < n; k++) {
      const [left, right] = [v[i * n + k] ?? 0, v[(i + 1) * n + k] ?? 0];
      v[(i + 1) * n + k] = s * left + c * right;
      v[i * n + k] = c * left - s * right;
    }
  }
  p = (-s * s2 * c3 * following * (e[l] ?? 0)) / next;
  e[l] = s * p;
  d[l] = c * p;
}

function sortRising({ values, vectors }: Eigen, n: number): Eigen {
  const order = Array.from(values.keys()).sort((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  const sorted = new Float64Array(vectors.length);
  order.forEach((from, to) => {
    sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (from) => values[from] ?? 0), vectors: sorted };
}
