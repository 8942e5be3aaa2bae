import type { GrayImage } from '../image/gray.ts';
import { medianOf } from './median.ts';
import { fitPapers, type PaperSurface } from './paper-surface.ts';

/** A picture freed from paper and light: how much each pixel differs from the paper, ink positive. */
export interface EvenedImage {
  readonly width: number;
  readonly height: number;
  /** Gray levels of ink above the paper; noise makes some of them negative. */
  readonly ink: Float32Array;
  /** Standard deviation of the paper's noise in `ink`, in gray levels. */
  readonly noise: number;
  readonly isLightOnDark: boolean;
}

/**
 * Takes the paper's tint and uneven light out of a picture, and finds out whether its ink is dark or light. The paper is
 * a surface of second order through the most common brightness. Where ink covers about as much of a picture as paper does,
 * either may be the paper: then there are two answers, the likelier one first.
 */
export function evenLight(image: GrayImage): readonly [EvenedImage, ...EvenedImage[]] {
  const [first, ...others] = fitPapers(image).map((paper) => takeOut(image, paper));
  if (first === undefined) throw new Error('a picture has paper');
  return [first, ...others];
}

function takeOut({ width, height, pixels }: GrayImage, paper: PaperSurface): EvenedImage {
  const difference = new Float32Array(pixels.length);
  for (let y = 0, at = 0; y < height; y++) {
    const { constant, linear, square } = paper((2 * y) / height - 1);
    for (let column = 0; column < width; column++, at++) {
      const x = (2 * column) / width - 1;
      difference[at] = (pixels[at] ?? 0) - constant - x * (linear + x * square);
    }
  }
  const smooth = smoothNoise({ width, height, values: difference });
  const noise = Math.min(measureNoise(smooth), 3 * measureGrain(smooth, width) + 2);
  const isLightOnDark = hasLightInk(smooth, noise);
  if (!isLightOnDark) negate(smooth);
  return { width, height, ink: smooth, noise, isLightOnDark };
}

function negate(values: Float32Array): void {
  for (let at = 0; at < values.length; at++) values[at] = -(values[at] ?? 0);
}

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Averages over 3 x 3 pixels, once or twice, where a picture is noisy and large enough to bear it. */
function smoothNoise(plane: Plane): Float32Array {
  const shorter = Math.min(plane.width, plane.height);
  let { values } = plane;
  for (let round = 0; round < 2; round++) {
    if (shorter < 80 * (round + 1) || measureNoise(values) < 2.5) break;
    values = averageNeighbors({ ...plane, values });
  }
  return values;
}

function averageNeighbors(plane: Plane): Float32Array {
  const { width, height, values } = plane;
  // Written out for speed: of all that reading a photo takes, this and the paper are the largest parts.
  const across = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += width) {
    const last = row + width - 1;
    for (let at = row + 1; at < last; at++) {
      across[at] = ((values[at - 1] ?? 0) + (values[at] ?? 0) + (values[at + 1] ?? 0)) / 3;
    }
    across[row] = (2 * (values[row] ?? 0) + (values[row + 1] ?? 0)) / 3;
    across[last] = (2 * (values[last] ?? 0) + (values[last - 1] ?? 0)) / 3;
  }
  const averaged = new Float32Array(values.length);
  for (let y = 0, at = 0; y < height; y++) {
    const up = y > 0 ? -width : 0;
    const down = y + 1 < height ? width : 0;
    for (let x = 0; x < width; x++, at++) {
      averaged[at] = ((across[at + up] ?? 0) + (across[at] ?? 0) + (across[at + down] ?? 0)) / 3;
    }
  }
  return averaged;
}

/**
 * Robust standard deviation: 1.4826 times the median distance from 0, on about 2,500 pixels, of the darker or of the
 * lighter ones, whichever is less: ink lies on one side of the paper alone, and may be much of a picture.
 */
function measureNoise(values: Float32Array): number {
  // An odd step meets every column in turn, whatever the width.
  const step = Math.max(1, Math.floor(values.length / 2500)) | 1;
  const [lighter, darker]: [number[], number[]] = [[], []];
  for (let at = 0; at < values.length; at += step) {
    const value = values[at] ?? 0;
    if (value >= 0) lighter.push(value);
    if (value <= 0) darker.push(-value);
  }
  const sides = [lighter, darker].filter(({ length }) => length > 0.05 * (values.length / step));
  return 1.4826 * Math.min(...sides.map((side) => medianOf(Float64Array.from(side))));
}

/**
 * The same of the finest grain: of second differences along rows, whose deviation is the square root of 1.5 times that of
 * single pixels. Blurred ink has none, though it may cover much of a picture.
 */
function measureGrain(values: Float32Array, width: number): number {
  const step = Math.max(1, Math.floor(values.length / 2500)) | 1;
  const differences: number[] = [];
  for (let at = 1; at < values.length - 1; at += step) {
    if (at % width === 0 || at % width === width - 1) continue;
    differences.push(Math.abs((values[at] ?? 0) - ((values[at - 1] ?? 0) + (values[at + 1] ?? 0)) / 2));
  }
  return (1.4826 * medianOf(Float64Array.from(differences))) / Math.sqrt(1.5);
}

/** The ink is where the strong differences are: their squares are summed on either side. */
function hasLightInk(values: Float32Array, noise: number): boolean {
  const floor = 4 * noise + 4;
  let light = 0;
  let dark = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (value > floor) light += (value - floor) ** 2;
    else if (value < -floor) dark += (value + floor) ** 2;
  }
  return light > dark;
}
