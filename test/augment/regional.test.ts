import { expect, test } from 'vitest';
import { drawRegional } from '../../src/augment/regional.ts';
import { random } from '../../src/core/random.ts';

test('a quarter of the ones, and fewer zeros, are drawn as other countries write them', () => {
  const drawn = [1, 0].map(
    (digit) =>
      Array.from({ length: 400 }, (_, at) => drawRegional(digit, random(1, 'regional', at))).filter(
        (image) => image !== undefined,
      ).length / 400,
  );
  expect(drawn[0]).toBeGreaterThan(0.19);
  expect(drawn[0]).toBeLessThan(0.31);
  expect(drawn[1]).toBeLessThan(0.08);
});

test('each digit has its ways, in the framing of MNIST', () => {
  for (let digit = 0; digit < 10; digit++) {
    const images = Array.from({ length: 300 }, (_, at) => drawRegional(digit, random(2, 'regional', at)));
    const image = images.find((each) => each !== undefined);
    expect(image).toHaveLength(784);
    expect(image?.some((value) => value > 200)).toBe(true);
    // Four pixels of margin, give or take the center of mass.
    expect(image?.slice(0, 28).every((value) => value === 0)).toBe(true);
  }
});

test('a label that is no digit keeps its image', () => {
  expect(drawRegional(10, random(1, 'regional', 1))).toBeUndefined();
});
