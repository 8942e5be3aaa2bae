import { describe, expect, test } from 'vitest';
import { digitColors, fitPositions, renderEmbedding } from '../../src/report/embedding-picture.ts';
import { pngSize, textsOf } from '../support/svg.ts';

const map = {
  positions: Float64Array.of(-10, 0, 10, 5, 0, -5),
  labels: Uint8Array.of(7, 2, 1),
  predictions: Uint8Array.of(7, 3, 1),
};
const words = { title: 'cnn, step 50: <90 %>', subtitle: 'three digits' };

describe('the picture of an embedding', () => {
  test('draws each point as its digit, with the reading beside a wrong one', async () => {
    const { svg } = await renderEmbedding(map, words);
    expect(textsOf(svg)).toEqual([
      words.title,
      words.subtitle,
      '7',
      '2',
      '1',
      '3',
      'Circled: 1 of 3 digits misread; the small digit is the reading.',
    ]);
  });

  test("has each digit in its class's color", async () => {
    const { svg } = await renderEmbedding(map, words);
    expect(svg.match(/fill="#[0-9a-f]{6}">\d</g)).toEqual([
      `fill="${digitColors[7]}">7<`,
      `fill="${digitColors[2]}">2<`,
      `fill="${digitColors[1]}">1<`,
    ]);
  });

  test('says so where all are read correctly', async () => {
    const { svg } = await renderEmbedding({ ...map, predictions: map.labels }, words);
    expect(textsOf(svg).at(-1)).toBe('All 3 digits are read correctly.');
    expect(svg).not.toContain('<circle');
  });

  test('has no circles where more than half are misread', async () => {
    const { svg } = await renderEmbedding({ ...map, predictions: Uint8Array.of(0, 0, 1) }, words);
    expect(textsOf(svg).at(-1)).toBe('2 of 3 digits are misread.');
    expect(svg).not.toContain('<circle');
  });

  test('is a PNG of two pixels a unit', async () => {
    expect(pngSize((await renderEmbedding(map, words)).png)).toEqual({ width: 1568, height: 1732 });
  });

  test('has ten colors', () => {
    expect(new Set(digitColors).size).toBe(10);
  });
});

describe('fitting positions', () => {
  test('fills -1 to 1 along the longer side and keeps the shape', () => {
    expect([...fitPositions(map.positions)]).toEqual([-1, 0, 1, 0.5, 0, -0.5]);
  });

  test('moves the middle to zero', () => {
    expect([...fitPositions(Float64Array.of(4, 4, 8, 4))]).toEqual([-1, 0, 1, 0]);
  });

  test('of points in one place leaves them in the middle', () => {
    expect([...fitPositions(Float64Array.of(4, 4, 4, 4))]).toEqual([0, 0, 0, 0]);
  });
});
