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
    const { discordant, pValue } = testMcNemar(12, 2);
    expect([discordant, pValue.toFixed(4)]).toEqual([14, '0.0129']);
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

  // The same sums, by Python's whole numbers.
  test.each([
    [10, 15, 0.42435622215270996],
    [25, 15, 0.1538599441628321],
    [121, 59, 4.434449263755176e-6],
    [60, 2, 8.474124180146703e-16],
    [0, 400, 7.745183829698637e-121],
    [900, 1000, 0.02310884510890107],
    [5000, 4800, 0.04440414879984629],
  ])('gives %i against %i its p-value to ten digits', (first, second, pValue) => {
    expect(testMcNemar(first, second).pValue / pValue).toBeCloseTo(1, 10);
  });

  test('takes millions of examples', () => {
    expect(testMcNemar(2_000_000, 2_000_000).pValue).toBe(1);
    expect(testMcNemar(0, 4_000_000).pValue).toBe(0);
  });

  test('is the same whichever model comes first', () => {
    expect(testMcNemar(40, 60)).toEqual(testMcNemar(60, 40));
  });

  test('never gives more than 1', () => {
    expect([testMcNemar(20, 20).pValue, testMcNemar(12, 13).pValue]).toEqual([1, 1]);
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
