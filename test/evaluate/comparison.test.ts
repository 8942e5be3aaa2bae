import { expect, test } from 'vitest';
import { findDifferences } from '../../src/evaluate/comparison.ts';

const labels = Uint8Array.of(3, 4, 5, 6);

test('the examples that two models read differently are found, with the one that is right', () => {
  const differences = findDifferences(labels, Uint8Array.of(3, 9, 5, 0), Uint8Array.of(3, 4, 8, 1));
  expect(differences).toEqual([
    { index: 1, label: 4, first: 9, second: 4, right: 'onlySecond' },
    { index: 2, label: 5, first: 5, second: 8, right: 'onlyFirst' },
    { index: 3, label: 6, first: 0, second: 1, right: 'neither' },
  ]);
});

test('models that err alike do not differ', () => {
  const wrong = Uint8Array.of(0, 0, 0, 0);
  expect(findDifferences(labels, wrong, wrong)).toEqual([]);
});
