import { expect, test } from 'vitest';
import { findArchitecture } from '../../src/model/architectures.ts';
import { formatSummary } from '../../src/model/summary.ts';
import { tiny } from '../support/model.ts';

test('the summary of cnn shows each layer with shape, parameters and multiply-adds', () => {
  expect(formatSummary(findArchitecture('cnn')).split('\n')).toEqual([
    'network cnn: 28,938 parameters',
    '     layer                        output shape  parameters  multiply-adds',
    '     input                         28 x 28 x 1',
    '  1  conv2d 16 (5x5, same), relu  28 x 28 x 16         416        313,600',
    '  2  max-pool 2x2                 14 x 14 x 16',
    '  3  conv2d 32 (5x5, same), relu  14 x 14 x 32      12,832      2,508,800',
    '  4  max-pool 2x2                   7 x 7 x 32',
    '  5  flatten                              1568',
    '  6  dense 10                               10      15,690         15,680',
    '     total                                          28,938      2,838,080',
  ]);
});

test('the summary names strides, means and dropout', () => {
  expect(formatSummary(tiny).split('\n')).toEqual([
    'network tiny: 588 parameters',
    '     layer                                  output shape  parameters  multiply-adds',
    '     input                                   28 x 28 x 1',
    '  1  conv2d 2 (5x5, same, strides 2), relu   14 x 14 x 2          52          9,800',
    '  2  max-pool 2x2                              7 x 7 x 2',
    '  3  conv2d 3 (3x3, valid), tanh               5 x 5 x 3          54          1,350',
    '  4  mean-pool 2x2, strides 1                  4 x 4 x 3',
    '  5  flatten                                          48',
    '  6  dense 8, sigmoid                                  8         392            384',
    '  7  dropout 0.25                                      8',
    '  8  dense 10                                         10          90             80',
    '     total                                                       588         11,614',
  ]);
});
