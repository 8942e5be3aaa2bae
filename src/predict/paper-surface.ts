import type { GrayImage } from '../image/gray.ts';
import { medianOf } from './median.ts';

/** The paper's brightness along a row: `constant + x * (linear + x * square)`; x and y go from -1 to 1. */
export type PaperSurface = (y: number) => {
  readonly constant: number;
  readonly linear: number;
  readonly square: number;
};

/**
 * Fits the paper's brightness, a surface of second order, by iteratively reweighted least squares. With Cauchy weights
 * outliers count little, so that ink hardly moves it. Where a digit fills its picture, ink may be no minority: the fit
 * starts from the middle of all samples and from the darker and the lighter ones along the border. The surface that most
 * samples lie near, those along the border first, is given first; another one follows where nearly as many do.
 */
export function fitPapers(image: GrayImage): readonly PaperSurface[] {
  const samples = sampleBlocks(image);
  const border = borderLevels(samples);
  const fits = [
    ...[medianOf(Float64Array.from(samples.values)), ...border].map((start) => fitFrom(samples, start)),
    // The few samples at paper that ink leaves in a tight picture are held on to.
    ...border.map((start) => fitFrom(samples, start, nearby)),
  ].map((coefficients) => ({ coefficients, near: countNear(samples, coefficients) }));
  const best = fits.reduce((one, other) => (other.near > 1.02 * one.near ? other : one));
  const rival = fits
    .filter(({ coefficients }) => Math.abs((coefficients[0] ?? 0) - (best.coefficients[0] ?? 0)) > 40)
    .find(({ near }) => near > 0.5 * best.near);
  return [best, ...(rival === undefined ? [] : [rival])].map(({ coefficients }) => toSurface(coefficients));
}

function toSurface([
  constant = 0,
  byX = 0,
  byY = 0,
  byXX = 0,
  byXY = 0,
  byYY = 0,
]: Float64Array): PaperSurface {
  return (y) => ({
    constant: constant + y * (byY + y * byYY),
    linear: byX + y * byXY,
    square: byXX,
  });
}

/** 1, x, y, x x, x y, y y. */
const mostTerms = 6;

interface Samples {
  /** `[samples, 6]` */
  readonly terms: Float64Array;
  readonly values: Float64Array;
  /** How much each counts as paper: those along the border more. */
  readonly trust: Float64Array;
  /** How many of the terms are fitted: a picture of few pixels bears a plane or a level alone. */
  readonly termCount: number;
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
  const trust: number[] = [];
  for (let row = step >> 1; row < height; row += step) {
    for (let column = step >> 1; column < width; column += step) {
      const x = (2 * column + 1) / width - 1;
      const y = (2 * row + 1) / height - 1;
      terms.push(1, x, y, x * x, x * y, y * y);
      values.push(meanAround(image, column, row));
      const isBorder = row < step || column < step || row + step >= height || column + step >= width;
      trust.push(isBorder ? 3 : 1);
    }
  }
  const shorter = Math.min(width, height);
  return {
    terms: Float64Array.from(terms),
    values: Float64Array.from(values),
    trust: Float64Array.from(trust),
    termCount: shorter < 20 ? 1 : shorter < 40 ? 3 : mostTerms,
  };
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

/** Two levels of the border: at a quarter and at three quarters of its samples. */
function borderLevels({ values, trust }: Samples): readonly number[] {
  const border = values.filter((_, sample) => (trust[sample] ?? 0) > 1).sort();
  return [0.25, 0.75].map((share) => border[Math.floor(share * border.length)] ?? 0);
}

/** Misses count half at the scale: one and a half times their median, if none is given. */
function fitFrom(samples: Samples, start: number, fixedScale?: number): Float64Array {
  const { values } = samples;
  let coefficients = new Float64Array(mostTerms);
  coefficients[0] = start;
  const weights = new Float64Array(values.length);
  for (let round = 0; round < 8; round++) {
    const misses = measureMisses(samples, coefficients);
    const scale = fixedScale ?? Math.max(1.5, 1.5 * quantileOf(misses, 0.5));
    misses.forEach((miss, sample) => {
      weights[sample] = 1 / (1 + (miss / scale) ** 2);
    });
    coefficients = solve(normalEquations(samples, weights), samples.termCount) ?? coefficients;
  }
  return coefficients;
}

function quantileOf(values: Float64Array, share: number): number {
  return Float64Array.from(values).sort()[Math.floor(share * values.length)] ?? 0;
}

function measureMisses({ terms, values }: Samples, coefficients: Float64Array): Float64Array {
  return values.map((value, sample) => {
    let miss = value;
    for (let term = 0; term < mostTerms; term++) {
      miss -= (coefficients[term] ?? 0) * (terms[sample * mostTerms + term] ?? 0);
    }
    return Math.abs(miss);
  });
}

/** Gray levels at which a sample is half as near as on the surface. */
const nearby = 8;

/** How many samples lie near a surface, in trust. */
function countNear(samples: Samples, coefficients: Float64Array): number {
  let sum = 0;
  measureMisses(samples, coefficients).forEach((miss, sample) => {
    sum += (samples.trust[sample] ?? 0) / (1 + (miss / nearby) ** 2);
  });
  return sum;
}

/** The weighted normal equations, right side last in each row. */
function normalEquations({ terms, values, termCount }: Samples, weights: Float64Array): Float64Array {
  const rowLength = termCount + 1;
  const matrix = new Float64Array(termCount * rowLength);
  for (let sample = 0; sample < values.length; sample++) {
    const start = sample * mostTerms;
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
function solve(matrix: Float64Array, termCount: number): Float64Array<ArrayBuffer> | undefined {
  const rowLength = termCount + 1;
  const at = (row: number, column: number) => matrix[row * rowLength + column] ?? 0;
  for (let pivot = 0; pivot < termCount; pivot++) {
    for (let row = pivot + 1; row < termCount; row++) {
      const factor = at(row, pivot) / at(pivot, pivot);
      for (let column = pivot; column < rowLength; column++) {
        matrix[row * rowLength + column] = at(row, column) - factor * at(pivot, column);
      }
    }
  }
  const solution = new Float64Array(mostTerms);
  for (let row = termCount - 1; row >= 0; row--) {
    let rest = at(row, termCount);
    for (let column = row + 1; column < termCount; column++)
      rest -= at(row, column) * (solution[column] ?? 0);
    solution[row] = rest / at(row, row);
  }
  return solution.every(Number.isFinite) ? solution : undefined;
}
