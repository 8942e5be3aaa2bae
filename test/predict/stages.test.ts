import { describe, expect, test } from 'vitest';
import { chooseDigits } from '../../src/predict/choose-digits.ts';
import { judgeImages } from '../../src/predict/judge-images.ts';
import { framedOf, lookAt } from '../../src/predict/page.ts';
import { renderStages } from '../../src/predict/stages.ts';
import { drawFrame, drawPicture, drawSevenIn, drawZero, fillBox } from '../support/ink.ts';
import type { Canvas } from '../support/photo.ts';

const trust = { temperature: 1, floor: undefined };

/** The stages of a picture in which the network reads a 7 everywhere. */
function stagesOf(draw: (canvas: Canvas) => void, scale = 1) {
  const page = lookAt({ ...drawPicture({ width: 300, height: 120 }, draw), scale });
  const logits = Float32Array.from(framedOf(page).flatMap(() => [0, 0, 0, 0, 0, 0, 0, 9, 0, 0]));
  return renderStages(page, chooseDigits(page, judgeImages([{ logits, trust }])));
}

/** Digits at 20, 60, ..., too far apart to be one. */
const row = (count: number) => (canvas: Canvas) => {
  for (let left = 20; left < 20 + 40 * count; left += 40) drawZero(canvas, [left, 30, left + 18, 70], 5);
};

describe('renderStages', () => {
  test('names each step for one digit', () => {
    expect(stagesOf((canvas) => drawSevenIn(canvas, [60, 20, 110, 90], 6)).map(({ title }) => title)).toEqual(
      [
        'picture, seen at 300 x 120',
        'paper and shading removed, dark ink on light',
        'ink found, without lines and frames',
        'scaled to 20 x 20 and centered by mass in 28 x 28',
      ],
    );
  });

  test('counts several digits', () => {
    expect(stagesOf(row(3))[2]?.title).toBe('ink found, 3 digits');
  });

  test.each([1, 4])('draws a box around the ink of each, in a picture reduced %d times', (scale) => {
    const ink = stagesOf(row(2), scale)[2]?.image;
    const { width, pixels } = drawPicture({ width: 300, height: 120 }, row(2), true);
    for (const left of [20, 60]) {
      for (let y = 29; y <= 70; y++) for (const x of [left - 1, left + 18]) pixels[y * width + x] = 110;
      for (const y of [29, 70]) pixels.fill(110, y * width + left - 1, y * width + left + 19);
    }
    expect(ink?.pixels).toEqual(pixels);
  });

  test('shows no frame among the ink', () => {
    const framed = (canvas: Canvas) => {
      drawZero(canvas, [100, 30, 130, 90], 6);
      drawFrame(canvas, [70, 10, 160, 110], 2);
    };
    const ink = stagesOf(framed)[2]?.image.pixels ?? [];
    expect(Array.from({ length: 300 }, (_, x) => ink[11 * 300 + x]).every((value) => value === 0)).toBe(true);
  });

  test('lays the framed digits in rows of six', () => {
    const { width, height, pixels } = stagesOf(row(7))[3]?.image ?? { width: 0, height: 0, pixels: [] };
    const inkOf = (left: number, top: number) => {
      let sum = 0;
      for (let y = top; y < top + 28; y++)
        for (let x = left; x < left + 28; x++) sum += pixels[y * width + x] ?? 0;
      return sum;
    };
    expect([width, height, inkOf(0, 28) > 0, inkOf(140, 0) > 0, inkOf(28, 28)]).toEqual([
      168,
      56,
      true,
      true,
      0,
    ]);
  });

  test('ends before the ink where there is none', () => {
    expect(renderStages(lookAt(drawPicture({ width: 80, height: 80 }, () => {})))).toHaveLength(2);
  });

  test('draws the paper that was chosen, light ink on dark', () => {
    const page = lookAt(
      drawPicture({ width: 80, height: 80 }, (canvas) => fillBox(canvas, [36, 20, 42, 60]), true),
    );
    expect(renderStages(page)[1]?.title).toBe('paper and shading removed, light ink on dark');
  });
});
