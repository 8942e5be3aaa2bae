import { describe, expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { createSyntheticDigits, drawSyntheticDigit } from '../../src/data/synthetic.ts';

describe('createSyntheticDigits', () => {
  const digits = createSyntheticDigits({ seed: 7, count: 200 });

  test('gives 784 bytes and one label an image', () => {
    expect([digits.images.length, digits.labels.length, digits.count]).toEqual([200 * 784, 200, 200]);
  });

  test('gives every digit the same number of times', () => {
    const counts = Array.from(
      { length: 10 },
      (_, digit) => digits.labels.filter((label) => label === digit).length,
    );
    expect(counts).toEqual(Array.from({ length: 10 }, () => 20));
  });

  test('shuffles the labels', () => {
    expect(digits.labels.slice(0, 20)).not.toEqual(Uint8Array.from({ length: 20 }, (_, at) => at % 10));
  });

  test('gives the same bytes for the same seed', () => {
    expect(Buffer.compare(createSyntheticDigits({ seed: 7, count: 200 }).images, digits.images)).toBe(0);
  });

  test('takes seed 0 for a seed of its own', () => {
    const zero = createSyntheticDigits({ seed: 0, count: 20 });
    expect(createSyntheticDigits({ seed: 1, count: 20 }).images).not.toEqual(zero.images);
    expect(createSyntheticDigits({ seed: 0, count: 20 })).toEqual(zero);
  });

  test('draws each digit differently every time', () => {
    const pictures = Array.from({ length: 200 }, (_, at) =>
      digits.images.slice(at * 784, (at + 1) * 784).join(),
    );
    expect(new Set(pictures).size).toBe(200);
  });

  test('gives empty arrays for a count of 0', () => {
    expect(createSyntheticDigits({ seed: 1, count: 0 }).images.length).toBe(0);
  });
});

describe('drawSyntheticDigit', () => {
  const images = Array.from({ length: 100 }, (_, at) => drawSyntheticDigit(at % 10, random(3, 'test', at)));

  test('centers the mass within half a pixel of the middle of pixel 14', () => {
    for (const image of images) {
      const center = centerOfMass(image);
      expect(Math.abs(center.x - 14.5)).toBeLessThanOrEqual(0.51);
      expect(Math.abs(center.y - 14.5)).toBeLessThanOrEqual(0.51);
    }
  });

  test('fills a box of 20 pixels in the longer side and no more', () => {
    for (const image of images) {
      const inked = [...image.keys()].filter((at) => (image[at] ?? 0) > 0);
      const rows = inked.map((at) => Math.floor(at / 28));
      const columns = inked.map((at) => at % 28);
      const height = Math.max(...rows) - Math.min(...rows) + 1;
      const width = Math.max(...columns) - Math.min(...columns) + 1;
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(18);
      expect(Math.max(width, height)).toBeLessThanOrEqual(20);
    }
  });

  test('has ink of full brightness and soft edges', () => {
    for (const image of images) {
      expect(Math.max(...image)).toBeGreaterThan(240);
      expect(image.filter((value) => value > 20 && value < 235).length).toBeGreaterThan(15);
    }
  });

  test('refuses what is not a digit', () => {
    expect(() => drawSyntheticDigit(10, random(0, 'test'))).toThrow(
      new RangeError('digit 10 is not one of 0 to 9'),
    );
  });
});

function centerOfMass(image: Uint8Array): { x: number; y: number } {
  let mass = 0;
  let x = 0;
  let y = 0;
  image.forEach((value, at) => {
    mass += value;
    x += value * ((at % 28) + 0.5);
    y += value * (Math.floor(at / 28) + 0.5);
  });
  return { x: x / mass, y: y / mass };
}
