import type { GrayImage } from './gray-image.ts';
import { medianOf } from './median.ts';

/** The paper's brightness at a place from -1 to 1 in both directions. */
export type PaperSurface = (x: number, y: number) => number;

/**
 * Fits the paper's brightness, a surface of second order, by iteratively reweighted least squares on block means. With
 * Cauchy weights outliers count little, so that ink, a minority of the pixels, hardly moves it.
 */
export function fitPaper(image: GrayImage): PaperSurface {
  const { terms, values } = sampleBlocks(image);
  let coefficients = new Float64Array(termCount);
  coefficients[0] = medianOf(Float64Array.from(values));
  const misses = new Float64Array(values.length);
  const weights = new Float64Array(values.length);
  for (let round = 0; round < 10; round++) {
    for (let sample = 0; sample < values.length; sample++) {
      let miss = values[sample] ?? 0;
      for (let term = 0; term < termCount; term++) {
        miss -= (coefficients[term] ?? 0) * (terms[sample * termCount + term] ?? 0);
      }
      misses[sample] = Math.abs(miss);
    }
    const scale = Math.max(1.5, 1.5 * medianOf(Float64Array.from(misses)));
    misses.forEach((miss, sample) => {
      weights[sample] = 1 / (1 + (miss / scale) ** 2);
    });
    coefficients = solve(normalEquations({ terms, values, weights })) ?? coefficients;
  }
  const [constant = 0, byX = 0, byY = 0, byXX = 0, byXY = 0, byYY = 0] = coefficients;
  return (x, y) => constant + x * (byX + x * byXX + y * byXY) + y * (byY + y * byYY);
}

/** 1, x, y, x x, x y, y y. */
const termCount = 6;

interface Samples {
  /** `[samples, 6]` */
  readonly terms: Float64Array;
  readonly values: Float64Array;
}

/** Means over at most 40 x 40 blocks. */
function sampleBlocks(image: GrayImage): Samples {
  const { width, height, pixels } = image;
  const step = Math.max(1, Math.ceil(Math.max(width, height) / 40));
  const terms: number[] = [];
  const values: number[] = [];
  for (let top = 0; top < height; top += step) {
    for (let left = 0; left < width; left += step) {
      const bottom = Math.min(height, top + step);
      const right = Math.min(width, left + step);
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) sum += pixels[y * width + x] ?? 0;
      }
      const x = (left + right - 1) / width - 1;
      const y = (top + bottom - 1) / height - 1;
      terms.push(1, x, y, x * x, x * y, y * y);
      values.push(sum / ((bottom - top) * (right - left)));
    }
  }
  return { terms: Float64Array.from(terms), values: Float64Array.from(values) };
}

/** The rows of the weighted normal equations, right side last. */
function normalEquations(samples: Samples & { readonly weights: Float64Array }): readonly Float64Array[] {
  const { terms, values, weights } = samples;
  const rows = Array.from({ length: termCount }, () => new Float64Array(termCount + 1));
  for (let sample = 0; sample < values.length; sample++) {
    const start = sample * termCount;
    for (const [i, row] of rows.entries()) {
      const weighted = (weights[sample] ?? 0) * (terms[start + i] ?? 0);
      for (let j = i; j < termCount; j++) row[j] = (row[j] ?? 0) + weighted * (terms[start + j] ?? 0);
      row[termCount] = (row[termCount] ?? 0) + weighted * (values[sample] ?? 0);
    }
  }
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < i; j++) row[j] = rows[j]?.[i] ?? 0;
    // A small ridge keeps pictures of few pixels, whose terms depend on each other, solvable.
    row[i] = (row[i] ?? 0) * (1 + 1e-6) + 1e-9;
  }
  return rows;
}

/** Gaussian elimination; `undefined` where there is no finite solution. */
function solve(rows: readonly Float64Array[]): Float64Array<ArrayBuffer> | undefined {
  for (const [i, pivot] of rows.entries()) {
    for (const row of rows.slice(i + 1)) {
      const factor = (row[i] ?? 0) / (pivot[i] ?? 1);
      for (let j = i; j <= termCount; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
  const solution = new Float64Array(termCount);
  for (let i = termCount - 1; i >= 0; i--) {
    const row = rows[i];
    let rest = row?.[termCount] ?? 0;
    for (let j = i + 1; j < termCount; j++) rest -= (row?.[j] ?? 0) * (solution[j] ?? 0);
    solution[i] = rest / (row?.[i] ?? 1);
  }
  return solution.every(Number.isFinite) ? solution : undefined;
}
