import { describe, expect, test } from 'vitest';
import { softmax } from '../../src/core/softmax.ts';
import { type Answer, askNetworks, averageLogits, averageProbabilities } from '../../src/model/ensemble.ts';

const trust = { temperature: 1, floor: undefined };

/** An answer about two images, in which the logits rise by steps of their own. */
const answer = (step: number, temperature = 1) => ({
  logits: Float32Array.from({ length: 20 }, (_, at) => Math.sin(step * (at + 1)) * 8),
  trust: { ...trust, temperature },
});

const [one, other, third] = [answer(1), answer(2, 0.5), answer(3)];

/** The probabilities of both images by one answer alone. */
const alone = ({ logits, trust: { temperature } }: Answer) => [
  ...softmax(logits.subarray(0, 10), temperature),
  ...softmax(logits.subarray(10), temperature),
];

describe('averageProbabilities', () => {
  test('of one answer are its own, bit for bit', () => {
    expect([...averageProbabilities([other])]).toEqual(alone(other));
  });

  test('of the same answer twice are its own, bit for bit', () => {
    expect([...averageProbabilities([other, other])]).toEqual(alone(other));
  });

  test('are the mean of those of each answer at its own temperature', () => {
    const mean = alone(one).map((probability, at) => (probability + (alone(other)[at] ?? 0)) / 2);
    averageProbabilities([one, other]).forEach((probability, at) => {
      expect(probability).toBeCloseTo(mean[at] ?? 0, 12);
    });
  });

  test('do not depend on the order', () => {
    const turned = averageProbabilities([third, one, other]);
    averageProbabilities([one, other, third]).forEach((probability, at) => {
      expect(probability).toBeCloseTo(turned[at] ?? 0, 12);
    });
  });

  test('of no answer are none', () => {
    expect(averageProbabilities([])).toHaveLength(0);
  });
});

describe('averageLogits', () => {
  test('of one answer are its own', () => {
    expect(averageLogits([other])).toBe(other.logits);
  });

  test('of several have the mean probabilities by softmax', () => {
    const logits = averageLogits([one, other]);
    const probabilities = alone({ logits, trust });
    averageProbabilities([one, other]).forEach((probability, at) => {
      expect(probabilities[at]).toBeCloseTo(probability, 6);
    });
  });

  test('are finite for a class that all hold to be impossible', () => {
    const sure = { logits: Float32Array.from({ length: 10 }, (_, at) => (at === 3 ? 5000 : 0)), trust };
    expect(averageLogits([sure, sure]).every(Number.isFinite)).toBe(true);
  });
});

test('askNetworks has each network look at the images, and keeps how to take its answer', async () => {
  const network = (step: number) => ({ ...answer(step), classify: () => answer(step).logits });
  const networks = [network(1), network(2)];
  expect(await askNetworks(networks, new Uint8Array(2 * 784))).toEqual([
    { logits: answer(1).logits, trust },
    { logits: answer(2).logits, trust },
  ]);
});
