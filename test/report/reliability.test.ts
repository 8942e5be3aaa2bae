import { expect, test } from 'vitest';
import { type DrawnBin, renderReliability } from '../../src/report/reliability.ts';
import { countMarks, textsOf } from '../support/svg.ts';

function createBin(low: number, count: number): DrawnBin {
  const score = low + 0.05;
  return { low, high: low + 0.1, count, score, accuracy: score, accuracyLow: low, accuracyHigh: low + 0.1 };
}

const bins = [createBin(0.7, 0), createBin(0.8, 12), createBin(0.9, 1234)];

test('the curve names error, images, bins and temperature', async () => {
  const { svg } = await renderReliability({ bins, error: 0.00212, temperature: 1.2345 });
  expect(textsOf(svg)).toEqual(
    expect.arrayContaining([
      'Reliability curve',
      'expected calibration error 0.21 %',
      '1,246 images in 3 bins of equal width',
      'scores at temperature 1.234',
      'read correctly (%)',
      'score (%)',
      'images (log)',
    ]),
  );
});

test('the curve says nothing of a temperature where the model has none', async () => {
  const { svg } = await renderReliability({ bins, error: 0.01 });
  expect(textsOf(svg).filter((text) => text.includes('temperature'))).toEqual([]);
});

test('the curve marks each bin that has images, with their number', async () => {
  const { svg } = await renderReliability({ bins, error: 0.01 });
  expect([countMarks(svg, 'mark-symbol role-mark'), textsOf(svg).includes('1,234')]).toEqual([2, true]);
});

test('the curve of no images is drawn, too', async () => {
  const { svg } = await renderReliability({ bins: [createBin(0.9, 0)], error: 0 });
  expect(textsOf(svg)).toContain('0 images in 1 bins of equal width');
});
