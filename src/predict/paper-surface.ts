import type { GrayImage } from '../image/gray.ts';
import { medianOf } from './median.ts';

/** The paper's brightness along a row: `constant + x * (linear + x * square)`; x and y go from -1 to 1. */
export type PaperSurface = (y: number) => {
  readonly constant: number;
  readonly linear: number;
  readonly square: number;
};

/**
 * Fits the paper's brightness, a surface of second order, by iteratively reweighted least squares. With
 * Cauchy weights outliers count little, so that ink, a minority of the pixels, hardly moves it.
 */
export function fitPaper(image: GrayImage): PaperSurface {
  const { terms, values } = sampleBlocks(image);
  let coefficients = new Float64Array(termCount);
  coefficients[0] = medianOf(Float64Array.from(values));
  const misses = new Float64Array(values.length);
  const weights = new Float64Array(values.length);
  for (let round = 0; round < 8; round++) {
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
  return (y) => ({
    constant: constant + y * (byY + y * byYY),
    linear: byX + y * byXY,
    square: byXX,
  });
}

/** 1, x, y, x x, x y, y y. */
const termCount = 6;
const rowLength = termCount + 1;

interface Samples {
  /** `[samples, 6]` */
  readonly terms: Float64Array;
  readonly values: Float64Array;
}

/**
 * Brightness at 24 x 24 places at most, each the mean of the 3 x 3 pixels there: larger means would mix ink and paper
 * to something between, of which there is no end in a picture that a digit fills.
 */
function sampleBlocks(image: GrayImage): Samples {
  const { width, height } = image;
  const step = Math.max(1, Math.ceil(Math.max(width, height) / 24));
  const terms: number[] = [];
  const values: number[] = [];
  for (let row = step >> 1; row < height; row += step) {
    for (let column = step >> 1; column < width; column += step) {
      const x = (2 * column + 1) / width - 1;
      const y = (2 * row + 1) / height - 1;
      terms.push(1, x, y, x * x, x * y, y * y);
      values.push(meanAround(image, column, row));
    }
  }
  return { terms: Float64Array.from(terms), values: Float64Array.from(values) };
}

function meanAround(image: GrayImage, column: number, row: number): number {
  const { width, height, pixels } = image;
  const reach = Math.min(width, height) > 60 ? 1 : 0;
  let [sum, count] = [0, 0];
  for (let y = Math.max(0, row - reach); y <= Math.min(height - 1, row + reach); y++) {
    for (let x = Math.max(0, column - reach); x <= Math.min(width - 1, column + reach); x++) {
      sum += pixels[y * width + x] ?? 0;
      count += 1;
    }
  }
  return sum / count;
}

/** The weighted normal equations, six rows of seven, right side last. */
function normalEquations(samples: Samples & { readonly weights: Float64Array }): Float64Array {
  const { terms, values, weights } = samples;
  const matrix = new Float64Array(termCount * rowLength);
  for (let sample = 0; sample < values.length; sample++) {
    const start = sample * termCount;
    for (let i = 0; i < termCount; i++) {
      const weighted = (weights[sample] ?? 0) * (terms[start + i] ?? 0);
      const row = i * rowLength;
      for (let j = i; j < termCount; j++) {
        matrix[row + j] = (matrix[row + j] ?? 0) + weighted * (terms[start + j] ?? 0);
      }
      matrix[row + termCount] = (matrix[row + termCount] ?? 0) + weighted * (values[sample] ?? 0);
    }
  }
  for (let i = 0; i < termCount; i++) {
    for (let j = 0; j < i; j++) matrix[i * rowLength + j] = matrix[j * rowLength + i] ?? 0;
    // A small ridge keeps pictures of few pixels, whose terms depend on each other, solvable.
    matrix[i * rowLength + i] = (matrix[i * rowLength + i] ?? 0) * (1 + 1e-6) + 1e-9;
  }
  return matrix;
}

/** Gaussian elimination; `undefined` where there is no finite solution. */
function solve(matrix: Float64Array): Float64Array<ArrayBuffer> | undefined {
  const at = (row: number, column: number) => matrix[row * rowLength + column] ?? 0;
  for (let pivot = 0; pivot < termCount; pivot++) {
    for (let row = pivot + 1; row < termCount; row++) {
      const factor = at(row, pivot) / at(pivot, pivot);
      for (let column = pivot; column < rowLength; column++) {
        matrix[row * rowLength + column] = at(row, column) - factor * at(pivot, column);
      }
    }
  }
  const solution = new Float64Array(termCount);
  for (let row = termCount - 1; row >= 0; row--) {
    let rest = at(row, termCount);
    for (let column = row + 1; column < termCount; column++)
      rest -= at(row, column) * (solution[column] ?? 0);
    solution[row] = rest / at(row, row);
  }
  return solution.every(Number.isFinite) ? solution : undefined;
}
