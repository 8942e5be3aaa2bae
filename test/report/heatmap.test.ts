import { beforeAll, describe, expect, test } from 'vitest';
import { renderConfusionMatrix } from '../../src/report/heatmap.ts';
import type { Picture } from '../../src/report/png.ts';
import { countMarks, pngSize, textsOf } from '../support/svg.ts';

const matrix = [
  [980, 0, 3],
  [0, 1135, 0],
  [11, 1, 1007],
];

describe('the picture of a confusion matrix', () => {
  let picture: Picture;

  beforeAll(async () => {
    picture = await renderConfusionMatrix(matrix);
  });

  test('has a cell for each pair of label and prediction', () => {
    expect(countMarks(picture.svg, 'mark-rect role-mark')).toBe(9);
  });

  test('writes each count but 0 into its cell', () => {
    const counts = [...picture.svg.matchAll(/aria-label="prediction: \d; label: \d; text: ([\d,]*)"/g)];
    expect(counts.map(([, count]) => count).filter((count) => count !== '')).toEqual([
      '980',
      '3',
      '1,135',
      '11',
      '1',
      '1,007',
    ]);
  });

  test('names its axes', () => {
    expect(textsOf(picture.svg)).toEqual(expect.arrayContaining(['label', 'prediction']));
  });

  test('reports how many were misread', () => {
    expect(textsOf(picture.svg)).toContain('15 of 3,137 images misread');
  });

  test('has one tone for the diagonal, whatever the counts', () => {
    expect(picture.svg.match(/fill="#cfe3f1"/g)?.length).toBe(3);
  });

  test('shades errors from white to the darkest of the most frequent', () => {
    const fills = [...picture.svg.matchAll(/prediction: (\d); label: (\d); count: \d+"[^>]*fill="([^"]+)"/g)];
    expect(fills.map(([, prediction, label, fill]) => [label, prediction, fill])).toEqual(
      expect.arrayContaining([
        ['0', '1', 'rgb(255, 255, 255)'],
        ['2', '0', 'rgb(213, 94, 0)'],
      ]),
    );
  });

  test('is drawn in twice as many pixels as the document has units', () => {
    const [, width = '', height = ''] = /^<svg[^>]*? width="(\d+)" height="(\d+)"/.exec(picture.svg) ?? [];
    expect(pngSize(picture.png)).toEqual({ width: 2 * Number(width), height: 2 * Number(height) });
  });
});

test('a matrix without errors still gives a picture', async () => {
  const { svg } = await renderConfusionMatrix([
    [5, 0],
    [0, 5],
  ]);
  expect(textsOf(svg)).toContain('0 of 10 images misread');
});
