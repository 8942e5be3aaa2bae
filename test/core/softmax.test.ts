import { expect, test } from 'vitest';
import { logSumExp, softmax } from '../../src/core/softmax.ts';

test('equal logits are equally probable', () => {
  expect([...softmax(new Float32Array(4))]).toEqual([0.25, 0.25, 0.25, 0.25]);
});

test('each probability is e times that of a logit less by 1', () => {
  const [one = 0, other = 1] = softmax(Float32Array.of(3, 2));
  expect(one / other).toBeCloseTo(Math.E, 12);
});

test('large logits do not overflow', () => {
  expect([...softmax(Float32Array.of(1e30, -1e30))]).toEqual([1, 0]);
});

test('no logits have no probabilities', () => {
  expect(softmax(new Float32Array())).toHaveLength(0);
});

test('a temperature divides the logits', () => {
  expect([...softmax(Float32Array.of(3, 1), 2)]).toEqual([...softmax(Float32Array.of(1.5, 0.5))]);
});

test('the log-sum-exp of logarithms is the logarithm of their sum', () => {
  expect(logSumExp(Float32Array.of(Math.log(2), Math.log(3)))).toBeCloseTo(Math.log(5), 6);
});

test('the log-sum-exp of large logits does not overflow', () => {
  expect(logSumExp(Float32Array.of(1000, 1000))).toBeCloseTo(1000 + Math.LN2, 10);
});
