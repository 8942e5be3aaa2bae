import { expect, test } from 'vitest';
import { formatPercent, formatScore } from '../../src/core/percent.ts';

test('a share is written in percent with two digits', () => {
  expect(formatPercent(0.98314)).toBe('98.31 %');
});

test.each([
  [1, '28.6 %'],
  [0, '29 %'],
])('or with %i digits', (digits, text) => {
  expect(formatPercent(0.2857, digits)).toBe(text);
});

test.each([
  [1, '> 99.9 %'],
  [0.9991, '> 99.9 %'],
  [0.999, '99.9 %'],
  [0.9989, '99.8 %'],
  [0.9831, '98.3 %'],
  [0.29, '29.0 %'],
  [0.001, '0.1 %'],
  [0.0009, '< 0.1 %'],
  [0, '< 0.1 %'],
])('the score %d is written as %s', (score, text) => {
  expect(formatScore(score)).toBe(text);
});

test('a score of any tenth of a percent is written as that', () => {
  const tenths = Array.from({ length: 999 }, (_, index) => index + 1);
  expect(tenths.map((tenth) => formatScore(tenth / 1000))).toEqual(
    tenths.map((tenth) => `${(tenth / 10).toFixed(1)} %`),
  );
});
