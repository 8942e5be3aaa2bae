import { describe, expect, test } from 'vitest';
import { warpImage } from '../../src/augment/warp.ts';
import { random } from '../../src/core/random.ts';

const still = { shift: 0, rotation: 0, scale: 0, shear: 0, elastic: 0 };
const dot = (x: number, y: number) => {
  const image = new Uint8Array(784);
  image[y * 28 + x] = 255;
  return image;
};

/** The center of mass of an image, in pixels. */
function centerOf(image: Uint8Array): readonly [number, number] {
  const mass = image.reduce((sum, value) => sum + value, 0);
  const mean = (axis: (at: number) => number) =>
    image.reduce((sum, value, at) => sum + value * (axis(at) + 0.5), 0) / mass;
  return [mean((at) => at % 28), mean((at) => Math.floor(at / 28))];
}

describe('warpImage', () => {
  test('gives the same bytes where nothing may move', () => {
    const image = Uint8Array.from({ length: 784 }, (_, at) => (at * 37) % 256);
    expect(warpImage(image, still, random(0, 'test').uniform)).toEqual(image);
  });

  test('keeps ink within the shift', () => {
    const centers = Array.from({ length: 50 }, (_, index) =>
      centerOf(warpImage(dot(13, 13), { ...still, shift: 1.2 }, random(0, 'test', index).uniform)),
    );
    const far = centers.map(([x, y]) => Math.max(Math.abs(x - 13.5), Math.abs(y - 13.5)));
    expect(Math.max(...far)).toBeLessThanOrEqual(1.21);
    expect(Math.max(...far)).toBeGreaterThan(1);
  });

  test('turns around the middle by the rotation at most', () => {
    const angles = Array.from({ length: 50 }, (_, index) => {
      const [x, y] = centerOf(
        warpImage(dot(23, 13), { ...still, rotation: 8 }, random(1, 'test', index).uniform),
      );
      return Math.abs(Math.atan2(y - 14, x - 14));
    });
    expect(Math.max(...angles)).toBeLessThan(0.2);
    expect(Math.max(...angles)).toBeGreaterThan(0.1);
  });

  test('moves parts of an image by different distances where it is elastic', () => {
    const limits = { ...still, elastic: 1 };
    const [left] = centerOf(warpImage(dot(6, 6), limits, random(2, 'test').uniform));
    const [right] = centerOf(warpImage(dot(20, 20), limits, random(2, 'test').uniform));
    expect(Math.abs(right - left - 14)).toBeGreaterThan(0.1);
  });
});
