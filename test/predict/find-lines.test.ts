import { describe, expect, test } from 'vitest';
import { traceLines } from '../../src/predict/erase-lines.ts';
import { findLines } from '../../src/predict/find-lines.ts';
import { drawPicture, fillBox, toMask } from '../support/ink.ts';
import type { Canvas } from '../support/photo.ts';
import { drawLine } from '../support/scenes/canvas.ts';

const size = { width: 150, height: 120 };
const maskOf = (draw: (canvas: Canvas) => void, given = size) => toMask(drawPicture(given, draw));

describe('findLines', () => {
  test('finds a level line with its ends and its row', () => {
    const [line, ...others] = findLines(
      maskOf((canvas) => fillBox(canvas, [10, 60, 140, 62])),
      0.5,
    );
    expect(others).toEqual([]);
    expect(line).toMatchObject({ isUpright: false, start: 10, end: 140 });
    expect([60, 61]).toContain(Math.round((line?.offset ?? 0) + 75 * (line?.slope ?? 0)));
  });

  test('finds an upright line, in columns', () => {
    const lines = findLines(
      maskOf((canvas) => fillBox(canvas, [70, 0, 72, 120])),
      0.5,
    );
    expect(lines).toMatchObject([{ isUpright: true, start: 0, end: 120 }]);
  });

  test('finds a line tilted by 8 degrees, with its slope', () => {
    const rise = Math.tan((8 * Math.PI) / 180);
    const tilted = (canvas: Canvas) =>
      drawLine(
        canvas,
        [
          { x: 0, y: 40 },
          { x: 150, y: 40 + 150 * rise },
        ],
        2,
      );
    const lines = findLines(maskOf(tilted), 0.5);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slope).toBeCloseTo(rise, 1);
  });

  test('gives places of a large picture in its own pixels', () => {
    const large = { width: 600, height: 480 };
    const [line] = findLines(
      maskOf((canvas) => fillBox(canvas, [40, 200, 560, 206]), large),
      0.5,
    );
    expect(Math.abs((line?.start ?? 0) - 40)).toBeLessThanOrEqual(4);
    expect(Math.abs((line?.end ?? 0) - 560)).toBeLessThanOrEqual(4);
    const row = (line?.offset ?? 0) + 300 * (line?.slope ?? 0);
    expect(row > 198 && row < 208).toBe(true);
  });

  test.each([
    ['what is shorter than asked', (canvas: Canvas) => fillBox(canvas, [10, 60, 70, 62])],
    ['a bar that is no thin line', (canvas: Canvas) => fillBox(canvas, [0, 50, 150, 65])],
    [
      'a diagonal stroke',
      (canvas: Canvas) =>
        drawLine(
          canvas,
          [
            { x: 5, y: 5 },
            { x: 145, y: 115 },
          ],
          3,
        ),
    ],
  ])('takes no line for %s', (_what, draw) => {
    expect(findLines(maskOf(draw), 0.5)).toEqual([]);
  });
});

describe('traceLines', () => {
  const crossed = maskOf((canvas) => {
    fillBox(canvas, [0, 60, 150, 62]);
    fillBox(canvas, [70, 20, 80, 100]);
  });
  const traced = traceLines(crossed, findLines(crossed, 0.5));

  test('has all of a line but where a stroke crosses it', () => {
    const row = Array.from(traced.subarray(61 * 150, 62 * 150));
    expect(row).toEqual(Array.from({ length: 150 }, (_, x) => (x >= 70 && x < 80 ? 0 : 1)));
  });

  test('has nothing of the stroke that crosses', () => {
    const column = Array.from({ length: 120 }, (_, y) => traced[y * 150 + 75]);
    expect(column.every((value) => value === 0)).toBe(true);
  });

  test('has the same of upright lines, with the picture turned', () => {
    const turned = maskOf(
      (canvas) => {
        fillBox(canvas, [60, 0, 62, 150]);
        fillBox(canvas, [20, 70, 100, 80]);
      },
      { width: 120, height: 150 },
    );
    const column = traceLines(turned, findLines(turned, 0.5)).filter((_, at) => at % 120 === 61);
    expect(Array.from(column)).toEqual(Array.from({ length: 150 }, (_, y) => (y >= 70 && y < 80 ? 0 : 1)));
  });
});
