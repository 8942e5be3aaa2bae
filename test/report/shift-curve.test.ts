import { expect, test } from 'vitest';
import { formatShiftCsv, renderShiftCurve, type ShiftPoint } from '../../src/report/shift-curve.ts';
import { countMarks, textsOf } from '../support/svg.ts';

const points: readonly ShiftPoint[] = (['right', 'down'] as const).flatMap((direction) =>
  [-1, 0, 1].map((shift) => ({ direction, shift, accuracy: 0.5, low: 0.4, high: 0.6, ink: 1 })),
);
const options = { title: 'Accuracy on 40 shifted test images', subtitle: 'net', chance: 0.1 };

test('the curve names its axes with units, both directions, and guessing', async () => {
  const { svg } = await renderShiftCurve(points, options);
  expect(textsOf(svg)).toEqual(
    expect.arrayContaining([
      options.title,
      'net',
      'accuracy (%)',
      'ink left (%)',
      'shift (pixels of 28)',
      'horizontally (right is positive)',
      'vertically (down is positive)',
      'guessing',
    ]),
  );
});

test('the curve names no shift as 0, without a sign', async () => {
  const { svg } = await renderShiftCurve(points, options);
  expect([textsOf(svg).includes('+0'), textsOf(svg).includes('+1')]).toEqual([false, true]);
});

test('the curve marks each measurement in both panels', async () => {
  const { svg } = await renderShiftCurve(points, options);
  expect(countMarks(svg, 'mark-symbol role-mark')).toBe(12);
});

test('the table holds each point with its interval and the ink', () => {
  expect(formatShiftCsv(points.slice(0, 2))).toBe(
    'direction,shift,accuracy,low,high,ink\nright,-1,0.5,0.4,0.6,1\nright,0,0.5,0.4,0.6,1\n',
  );
});
