import { beforeAll, describe, expect, test } from 'vitest';
import { okabeIto } from '../../src/report/chart.ts';
import type { CurvePoint } from '../../src/report/curve-series.ts';
import type { Picture } from '../../src/report/png.ts';
import { renderRunCurves } from '../../src/report/run-curves.ts';
import { countMarks, pngSize, textsOf } from '../support/svg.ts';

/** Log points each 100 steps, with an error that falls to `floor` percent. */
function createPoints(count: number, floor: number, hasValidation = true): readonly CurvePoint[] {
  return Array.from({ length: count + 1 }, (_, index) => {
    const accuracy = 1 - floor / 100 - 0.85 / (index + 1) ** 2;
    return {
      step: 100 * index,
      epoch: index / 10,
      trainLoss: index === 0 ? undefined : 0.1,
      trainAccuracy: index === 0 ? undefined : accuracy + 0.005,
      validationLoss: hasValidation ? 0.2 : undefined,
      validationAccuracy: hasValidation ? accuracy : undefined,
      testLoss: 0.2,
      testAccuracy: accuracy,
    };
  });
}

const names = ['with dropout', 'without <dropout>'];
const runs = [
  { name: names[0] ?? '', points: createPoints(40, 1) },
  { name: names[1] ?? '', points: createPoints(40, 2), mark: { step: 2500, text: 'lowest validation loss' } },
];

describe('the error curves of two runs', () => {
  let picture: Picture;

  beforeAll(async () => {
    picture = await renderRunCurves(runs, 'Errors of two runs');
  });

  test('carry their title and the name of each axis with its unit', () => {
    expect(textsOf(picture.svg)).toEqual(
      expect.arrayContaining(['Errors of two runs', 'training steps', 'error: misread images (%)']),
    );
  });

  test('have a legend of runs and of splits', () => {
    const entries = [...names, 'training', 'validation', 'test'];
    expect(textsOf(picture.svg).filter((text) => entries.includes(text))).toEqual([
      ...names,
      'training',
      'validation',
    ]);
  });

  test('are two faint lines as measured, and four averages', () => {
    expect(countMarks(picture.svg, 'mark-line')).toBe(6);
  });

  test('have a color for each run that color-blind readers can tell apart', () => {
    const colors = [okabeIto.blue, okabeIto.vermilion].filter((color) =>
      picture.svg.includes(`stroke="${color}"`),
    );
    expect(colors.length).toBe(2);
  });

  test('have dashes where the images were trained on', () => {
    expect(picture.svg.match(/stroke-dasharray="6,4"/g)?.length).toBeGreaterThanOrEqual(2);
  });

  test('carry the mark of the run that has one', () => {
    expect(textsOf(picture.svg).filter((text) => text === 'lowest validation loss').length).toBe(1);
    expect(countMarks(picture.svg, 'mark-rule role-mark')).toBe(1);
  });

  test('cut no text', () => {
    expect(textsOf(picture.svg).filter((text) => text.includes('…'))).toEqual([]);
  });

  test('are drawn in twice as many pixels as the document has units', () => {
    const [, width = '', height = ''] = /^<svg[^>]*? width="(\d+)" height="(\d+)"/.exec(picture.svg) ?? [];
    expect(pngSize(picture.png)).toEqual({ width: 2 * Number(width), height: 2 * Number(height) });
  });
});

test('a run without validation shows its test images, in a line of their own kind beside validation', async () => {
  const [first] = runs;
  const mixed = [...(first ? [first] : []), { name: 'other', points: createPoints(40, 3, false) }];
  const { svg } = await renderRunCurves(mixed, 'mixed');
  expect(textsOf(svg).filter((text) => ['training', 'validation', 'test'].includes(text))).toEqual([
    'training',
    'validation',
    'test',
  ]);
  expect(svg).toContain('stroke-dasharray="12,3,2,3"');
});

test('a few log points are drawn as they are', async () => {
  const { svg } = await renderRunCurves([{ name: 'short', points: createPoints(3, 1) }], 'short');
  expect(countMarks(svg, 'mark-line')).toBe(2);
});
