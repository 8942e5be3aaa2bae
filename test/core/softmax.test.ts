import { expect, test } from 'vitest';
import { familiarityOf, softmax } from '../../src/core/softmax.ts';

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

test('an example is more familiar the more one logit stands out, whatever is added to all', () => {
  const plain = familiarityOf(Float32Array.of(Math.log(2), Math.log(3)));
  expect(plain).toBeCloseTo(Math.log(5) - Math.log(6) / 2, 6);
  expect(familiarityOf(Float32Array.of(Math.log(2) + 4, Math.log(3) + 4))).toBeCloseTo(plain, 5);
  expect(familiarityOf(Float32Array.of(9, 0))).toBeGreaterThan(plain);
});

test('the familiarity of large logits does not overflow', () => {
  expect(familiarityOf(Float32Array.of(1000, 1000))).toBeCloseTo(Math.LN2, 10);
});
