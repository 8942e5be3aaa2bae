import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { CurvePoint } from '../../src/report/curve-series.ts';
import { renderCurves } from '../../src/report/curves.ts';
import type { Picture } from '../../src/report/png.ts';
import { countMarks, pngSize, textsOf } from '../support/svg.ts';

const title = 'cnn: test accuracy 97.50 % after 1,200 steps & "seed" <0>';

/** Two epochs of 600 steps, with a point every 50. */
const points: readonly CurvePoint[] = Array.from({ length: 25 }, (_, index) => ({
  step: 50 * index,
  epoch: (50 * index) / 600,
  trainLoss: index === 0 ? undefined : 2 / (index + 1),
  trainAccuracy: index === 0 ? undefined : 1 - 0.5 / (index + 1),
  validationLoss: undefined,
  validationAccuracy: undefined,
  testLoss: 2.3 / (index + 1),
  testAccuracy: 1 - 0.9 / (index + 1),
}));

const printed = [vi.spyOn(console, 'log'), vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];

describe('the curves of a training without validation', () => {
  let picture: Picture;

  beforeAll(async () => {
    picture = await renderCurves(points, { title, subtitle: '95 % interval 97.1 to 97.9 %' });
  });

  test('carry title and subtitle, their special characters escaped', () => {
    expect(textsOf(picture.svg)).toEqual(expect.arrayContaining([title, '95 % interval 97.1 to 97.9 %']));
  });

  test('name both axes of values with their units, and the steps once', () => {
    const names = ['loss (nats, log scale)', 'accuracy (%)', 'training steps'];
    expect(textsOf(picture.svg).filter((text) => names.includes(text))).toEqual([
      'loss (nats, log scale)',
      'training steps',
      'accuracy (%)',
    ]);
  });

  test('have a legend of the lines that are there', () => {
    const entries = ['training batch', 'training, moving average', 'validation', 'test'];
    expect(textsOf(picture.svg).filter((text) => entries.includes(text))).toEqual([
      'training batch',
      'training, moving average',
      'test',
    ]);
  });

  test('cut no text', () => {
    expect(textsOf(picture.svg).filter((text) => text.includes('…'))).toEqual([]);
  });

  test('are three lines in each of two panels', () => {
    expect(countMarks(picture.svg, 'mark-line')).toBe(6);
  });

  test('mark each test value with a dot', () => {
    expect(countMarks(picture.svg, 'mark-symbol role-mark')).toBe(2 * 25);
  });

  test('part the two epochs with one dotted line in each panel', () => {
    expect(countMarks(picture.svg, 'mark-rule role-mark')).toBe(2);
  });

  test('show thousands with a comma and percents without exponent', () => {
    expect(textsOf(picture.svg)).toEqual(expect.arrayContaining(['1,200', '100']));
  });

  test('are drawn in twice as many pixels as the document has units', () => {
    const [, width = '', height = ''] = /^<svg[^>]*? width="(\d+)" height="(\d+)"/.exec(picture.svg) ?? [];
    expect(pngSize(picture.png)).toEqual({ width: 2 * Number(width), height: 2 * Number(height) });
  });

  test('are the same text when drawn again', async () => {
    const again = await renderCurves(points, { title, subtitle: '95 % interval 97.1 to 97.9 %' });
    expect(again.svg).toBe(picture.svg);
  });
});

test('the validation line joins the legend where it was measured', async () => {
  const validated = points.map((point) => ({ ...point, validationLoss: point.testLoss }));
  const { svg } = await renderCurves(validated, { title });
  expect(textsOf(svg)).toContain('validation');
});

test('points in any order draw the same curves', async () => {
  const { svg } = await renderCurves([...points].reverse(), { title });
  expect(svg).toBe((await renderCurves(points, { title })).svg);
});

test.each([
  ['no point', []],
  ['the untrained network alone', points.slice(0, 1)],
  ['a loss of 0', points.map((point) => ({ ...point, testLoss: 0, trainLoss: 0 }))],
  [
    'no loss that is finite',
    points.map((point) => ({ ...point, testLoss: Number.NaN, trainLoss: Infinity })),
  ],
])('a run with %s still gives a picture', async (_, some) => {
  const { svg } = await renderCurves(some, { title });
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test('nothing is printed on the console', () => {
  expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
});
