/** How values become colors, from `low` to `high`; what lies beyond takes the color of the end. */
export interface ColorScale {
  readonly type: 'diverging' | 'sequential' | 'gray';
  readonly low: number;
  readonly high: number;
}

export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * The scale that fits all these values: blue below and red above a white 0, as far to either side, where some are
 * negative; from 0 up otherwise.
 */
export function fitScale(arrays: readonly Float32Array[]): ColorScale {
  let [lowest, highest] = [0, 0];
  for (const values of arrays) {
    for (const value of values) {
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
  }
  // Where everything is 0, any range shows it.
  if (lowest === 0) return { type: 'sequential', low: 0, high: highest || 1 };
  const largest = Math.max(-lowest, highest);
  return { type: 'diverging', low: -largest, high: largest };
}

/** The scale of pixels: 0 black to 255 white. */
export const pixelScale: ColorScale = { type: 'gray', low: 0, high: 255 };

/** The color of a value. */
export function colorAt(scale: ColorScale, value: number): Rgb {
  const stops = colorStops[scale.type];
  const place = positionOf(scale, value) * (stops.length - 1);
  const first = Math.min(Math.floor(place), stops.length - 2);
  const [from, to] = [stops[first] ?? white, stops[first + 1] ?? white];
  const mix = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * (place - first));
  return [mix(0), mix(1), mix(2)];
}

/** The gray of a value where there are no colors: black at the scale's low end, white at its high end. */
export function grayAt(scale: ColorScale, value: number): number {
  return Math.round(255 * positionOf(scale, value));
}

/** The values that a color bar names: both ends, and 0 between them. */
export function scaleTicks({ type, low, high }: ColorScale): readonly number[] {
  return type === 'diverging' ? [low, 0, high] : [low, high];
}

function positionOf({ low, high }: ColorScale, value: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

const white: Rgb = [255, 255, 255];

/** Color-blind readers can read both. */
const colorStops: Readonly<Record<ColorScale['type'], readonly Rgb[]>> = {
  // RdBu of ColorBrewer (Brewer and Harrower, 2003), from blue to red, its middle made white.
  diverging: [
    [5, 48, 97],
    [33, 102, 172],
    [67, 147, 195],
    [146, 197, 222],
    [209, 229, 240],
    white,
    [253, 219, 199],
    [244, 165, 130],
    [214, 96, 77],
    [178, 24, 43],
    [103, 0, 31],
  ],
  gray: [[0, 0, 0], white],
  // Viridis (van der Walt and Smith, 2015) at ten even steps.
  sequential: [
    [68, 1, 84],
    [72, 40, 120],
    [62, 73, 137],
    [49, 104, 142],
    [38, 130, 142],
    [31, 158, 137],
    [53, 183, 121],
    [110, 206, 88],
    [181, 222, 43],
    [253, 231, 37],
  ],
};
