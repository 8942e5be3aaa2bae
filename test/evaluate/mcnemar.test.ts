import { describe, expect, test } from 'vitest';
import { countPairs, testMcNemar } from '../../src/evaluate/mcnemar.ts';
import { readError } from '../support/read-error.ts';

describe('countPairs', () => {
  test('counts examples that both, one or none of two models read right', () => {
    const labels = Uint8Array.of(0, 1, 2, 3, 4, 5, 6);
    const first = Uint8Array.of(0, 1, 2, 3, 9, 9, 9);
    const second = Uint8Array.of(0, 1, 2, 9, 4, 5, 8);
    expect(countPairs(labels, first, second)).toEqual({ both: 3, onlyFirst: 1, onlySecond: 2, neither: 1 });
  });

  test('refuses predictions of other examples', () => {
    expect(readError(() => countPairs(new Uint8Array(3), new Uint8Array(3), new Uint8Array(2)))).toBe(
      'E_INTERNAL: cannot compare predictions: 3 labels, 3 and 2 predictions',
    );
  });
});

describe('testMcNemar', () => {
  test('finds the exact p-value of Armitage and Berry (1994, p. 127): 0.0129 for 12 against 2', () => {
    const { method, discordant, pValue } = testMcNemar(12, 2);
    expect([method, discordant, pValue.toFixed(4)]).toEqual(['exact', 14, '0.0129']);
  });

  // Sums of binomial coefficients over 2^n, in exact fractions.
  test.each([
    [0, 0, 1],
    [0, 1, 1],
    [0, 5, 2 / 32],
    [1, 10, 24 / 2048],
    [3, 3, 1],
    [12, 12, 1],
    [4, 20, 12_951 * 2 * 2 ** -24],
  ])('is exact for %i against %i', (first, second, pValue) => {
    expect(testMcNemar(first, second).pValue).toBeCloseTo(pValue, 15);
  });

  test('finds chi-square and p-value of the example in mlxtend: 2.025 and 0.1547 for 25 against 15', () => {
    const { method, statistic = 0, pValue } = testMcNemar(25, 15);
    expect([method, statistic.toFixed(3), pValue.toFixed(4)]).toEqual(['chi-square', '2.025', '0.1547']);
  });

  // The tail of the normal distribution, by the C library's erfc.
  test.each([
    [12, 13, 1],
    [10, 15, 0.4237107971667934],
    [900, 1000, 0.02313391951075514],
    [121, 59, 5.450094825427123e-6],
    [60, 2, 4.5198090819801446e-13],
    [0, 400, 1.4988838490704903e-88],
  ])('gives %i against %i its p-value to ten digits', (first, second, pValue) => {
    expect(testMcNemar(first, second).pValue / pValue).toBeCloseTo(1, 10);
  });

  test('is the same whichever model comes first', () => {
    expect(testMcNemar(40, 60)).toEqual(testMcNemar(60, 40));
  });

  test('begins to approximate at 25 discordant examples', () => {
    expect([testMcNemar(4, 20).method, testMcNemar(4, 21).method]).toEqual(['exact', 'chi-square']);
  });

  test('never corrects beyond no difference', () => {
    expect(testMcNemar(20, 20)).toMatchObject({ statistic: 0, pValue: 1 });
  });

  test.each([
    [-1, 2],
    [0.5, 2],
    [1, Number.NaN],
  ])('refuses %d against %d', (first, second) => {
    expect(readError(() => testMcNemar(first, second))).toBe(
      `E_INTERNAL: cannot test ${first} against ${second}: expected whole numbers from 0 on`,
    );
  });
});
