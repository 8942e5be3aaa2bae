import { expect, test } from 'vitest';
import { takeFilters } from '../../src/analyze/filters.ts';

/** Two filters of 2 x 3 over two channels; the value's digits are row, column, channel and filter. */
const kernel = {
  name: 'conv2d_1/kernel',
  shape: [2, 3, 2, 2],
  values: Float32Array.from({ length: 24 }, (_, at) => {
    const [filter, channel, pixel] = [at % 2, Math.floor(at / 2) % 2, Math.floor(at / 4)];
    return 1000 * Math.floor(pixel / 3) + 100 * (pixel % 3) + 10 * channel + filter;
  }),
};

test('filters are taken apart by filter and channel, row by row', () => {
  const { height, width, planes } = takeFilters([kernel], 'conv2d_1');
  expect([height, width, planes.map((channels) => channels.map((values) => [...values]))]).toEqual([
    2,
    3,
    [
      [
        [0, 100, 200, 1000, 1100, 1200],
        [10, 110, 210, 1010, 1110, 1210],
      ],
      [
        [1, 101, 201, 1001, 1101, 1201],
        [11, 111, 211, 1011, 1111, 1211],
      ],
    ],
  ]);
});

test('a layer without filters is refused', () => {
  const dense = { name: 'dense_1/kernel', shape: [2, 2], values: new Float32Array(4) };
  expect(() => takeFilters([dense], 'dense_1')).toThrow('cannot take filters: dense_1 is not a convolution');
});
