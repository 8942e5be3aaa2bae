import { expect, test } from 'vitest';
import { findMisclassified } from '../../src/evaluate/misclassified.ts';

/** Logits that are the logarithms of probabilities, so that softmax gives these back. */
function logitsOf(probabilities: readonly number[]): Float32Array {
  return Float32Array.from(probabilities, Math.log);
}

test('a misclassified example is reported with place, digits and both probabilities', () => {
  const logits = logitsOf([0.9, 0.1, 0.75, 0.25]);
  const [found, ...others] = findMisclassified(logits, Uint8Array.of(0, 1));
  expect([found?.index, found?.label, found?.prediction, others.length]).toEqual([1, 1, 0, 0]);
  expect(found?.probability).toBeCloseTo(0.75, 6);
  expect(found?.labelProbability).toBeCloseTo(0.25, 6);
});

test('where all are right there is none', () => {
  expect(findMisclassified(logitsOf([0.9, 0.1]), Uint8Array.of(0))).toEqual([]);
});

test('several keep their order', () => {
  const logits = logitsOf([0.9, 0.1, 0.2, 0.8, 0.6, 0.4]);
  const found = findMisclassified(logits, Uint8Array.of(1, 1, 1));
  expect(found.map(({ index }) => index)).toEqual([0, 2]);
});
