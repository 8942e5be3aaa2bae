import { describe, expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { addNoise, blurImage, invertContrast, occludeImage } from '../../src/evaluate/corrupt-pixels.ts';
import { createImages } from '../support/model.ts';

const gray = new Uint8Array(784).fill(128);

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe('a blurred image', () => {
  const dot = new Uint8Array(784);
  dot[14 * 28 + 14] = 255;
  const square = Uint8Array.from(dot, (_, at) =>
    Math.abs((at % 28) - 14) < 4 && Math.abs(at / 28 - 14) < 4 ? 255 : 0,
  );

  test('spreads ink by a Gaussian of that deviation', () => {
    const blurred = blurImage(dot, 1.5);
    const peak = 255 / (2 * Math.PI * 1.5 ** 2);
    const at = (away: number) => blurred[14 * 28 + 14 + away];
    expect([at(0), at(1), at(2)]).toEqual(
      [0, 1, 2].map((away) => Math.round(peak * Math.exp(-(away ** 2) / (2 * 1.5 ** 2)))),
    );
  });

  test('spreads it alike in all directions', () => {
    const blurred = blurImage(dot, 2);
    const around = [-3, 3, -84, 84].map((away) => blurred[14 * 28 + 14 + away]);
    expect(new Set(around).size).toBe(1);
  });

  test('keeps the ink', () => {
    const sum = (image: Uint8Array) => image.reduce((total, value) => total + value, 0);
    expect(sum(blurImage(square, 1)) / sum(square)).toBeCloseTo(1, 2);
  });

  test('loses what spreads beyond the edge', () => {
    const edge = Uint8Array.from({ length: 784 }, (_, at) => (at % 28 === 0 ? 200 : 0));
    const lost = blurImage(edge, 1);
    expect(lost[14 * 28]).toBe(Math.round(200 * 0.3991));
  });
});

describe('noise', () => {
  test('has that deviation', () => {
    const noisy = addNoise(gray, 25, random(0, 'test'));
    const deviation = deviationOf([...noisy]);
    expect([deviation > 23, deviation < 27]).toEqual([true, true]);
  });

  test('is cut off at black and white', () => {
    const noisy = addNoise(
      Uint8Array.from({ length: 784 }, (_, at) => (at < 392 ? 0 : 255)),
      50,
      random(0, 'test'),
    );
    const [low, high] = [noisy.subarray(0, 392), noisy.subarray(392)];
    const half = (values: Uint8Array, limit: number) =>
      values.filter((value) => value === limit).length / 392;
    expect([half(low, 0).toFixed(1), half(high, 255).toFixed(1)]).toEqual(['0.5', '0.5']);
  });
});

describe('an occluded image', () => {
  const inked = Uint8Array.from({ length: 784 }, (_, at) => (at % 28 >= 10 && at % 28 < 18 ? 255 : 7));

  test('has a square of paper', () => {
    const paper = [...occludeImage(inked, 6, random(0, 'test', 3)).entries()].filter(
      ([, value]) => value === 0,
    );
    const rows = new Set(paper.map(([at]) => Math.floor(at / 28)));
    const columns = new Set(paper.map(([at]) => at % 28));
    expect([paper.length, rows.size, columns.size]).toEqual([36, 6, 6]);
  });

  test('has it where ink was, and nowhere else is it changed', () => {
    const results = Array.from({ length: 50 }, (_, index) => {
      const occluded = occludeImage(inked, 2, random(0, 'test', index));
      const changed = [...occluded.keys()].filter((at) => occluded[at] !== inked[at]);
      const hitsInk = changed.some((at) => inked[at] === 255);
      return hitsInk && changed.every((at) => occluded[at] === 0);
    });
    expect(results.every(Boolean)).toBe(true);
  });

  test('is as it was without ink', () => {
    const blank = new Uint8Array(784).fill(100);
    expect(occludeImage(blank, 6, random(0, 'test'))).toEqual(blank);
  });
});

describe('an image with less contrast', () => {
  const image = createImages(1);

  test.each([
    [0, (value: number) => value],
    [50, () => 128],
    [100, (value: number) => 255 - value],
  ])('is blended with its negative, of which %i percent', (percent, wanted) => {
    expect(invertContrast(image, percent)).toEqual(image.map(wanted));
  });
});
