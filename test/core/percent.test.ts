import { expect, test } from 'vitest';
import { formatPercent } from '../../src/core/percent.ts';

test('a share is written in percent with two digits', () => {
  expect(formatPercent(0.98314)).toBe('98.31 %');
});

test.each([
  [1, '28.6 %'],
  [0, '29 %'],
])('or with %i digits', (digits, text) => {
  expect(formatPercent(0.2857, digits)).toBe(text);
});
