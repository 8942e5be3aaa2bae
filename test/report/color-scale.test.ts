import { expect, test } from 'vitest';
import { colorAt, fitScale, grayAt, pixelScale, scaleTicks } from '../../src/report/color-scale.ts';

const diverging = fitScale([Float32Array.of(-0.5, 0.25), Float32Array.of(0)]);
const sequential = fitScale([Float32Array.of(0, 4)]);

test('values of both signs get a scale as far to either side of 0', () => {
  expect(diverging).toEqual({ type: 'diverging', low: -0.5, high: 0.5 });
});

test('values of one sign get a scale from 0 up', () => {
  expect(sequential).toEqual({ type: 'sequential', low: 0, high: 4 });
});

test('zeros alone get a scale with a span', () => {
  expect(fitScale([new Float32Array(3)])).toEqual({ type: 'sequential', low: 0, high: 1 });
});

test('0 is white where values have both signs, blue below and red above it', () => {
  expect([-0.5, 0, 0.5].map((value) => colorAt(diverging, value))).toEqual([
    [5, 48, 97],
    [255, 255, 255],
    [103, 0, 31],
  ]);
});

test('pixels are drawn in their own gray', () => {
  expect([0, 51, 255].map((value) => colorAt(pixelScale, value))).toEqual([
    [0, 0, 0],
    [51, 51, 51],
    [255, 255, 255],
  ]);
});

test('a value between two stops gets the color between theirs', () => {
  expect(colorAt(diverging, 0.05)).toEqual([254, 237, 227]);
});

test('a value beyond the scale gets the color of its end', () => {
  expect([colorAt(sequential, -1), colorAt(sequential, 9)]).toEqual([
    [68, 1, 84],
    [253, 231, 37],
  ]);
});

test('without colors, the low end is black and the high end white', () => {
  expect([-0.5, 0, 0.5].map((value) => grayAt(diverging, value))).toEqual([0, 128, 255]);
});

test('a color bar names its ends, and 0 where it is the middle', () => {
  expect([scaleTicks(diverging), scaleTicks(sequential)]).toEqual([
    [-0.5, 0, 0.5],
    [0, 4],
  ]);
});
