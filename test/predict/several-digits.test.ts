import { describe, expect, test } from 'vitest';
import { lookAt } from '../../src/predict/page.ts';
import { showsSeveralDigits } from '../../src/predict/several-digits.ts';
import { drawPicture, drawSevenIn, drawZero, fillBox } from '../support/ink.ts';
import type { Canvas } from '../support/photo.ts';

describe('showsSeveralDigits', () => {
  test.each([
    [
      'of a row of digits',
      (canvas: Canvas) => {
        fillBox(canvas, [20, 30, 28, 90]);
        drawZero(canvas, [140, 30, 180, 90], 6);
      },
      true,
    ],
    [
      'of two rows',
      (canvas: Canvas) => {
        for (const left of [20, 60, 110, 160]) {
          fillBox(canvas, [left, 8, left + 6, 50]);
          fillBox(canvas, [left + 5, 68, left + 11, 110]);
        }
      },
      true,
    ],
    [
      'of two rows of one digit each',
      (canvas: Canvas) => {
        drawSevenIn(canvas, [10, 8, 40, 52], 5);
        drawZero(canvas, [150, 68, 180, 112], 5);
      },
      true,
    ],
    ['of one digit', (canvas: Canvas) => drawSevenIn(canvas, [80, 20, 130, 100], 7), false],
    [
      'of a broken digit',
      (canvas: Canvas) => {
        drawZero(canvas, [70, 20, 120, 90], 7);
        fillBox(canvas, [92, 10, 99, 100], 0);
      },
      false,
    ],
    [
      'of digits that touch, which may be one',
      (canvas: Canvas) => {
        drawZero(canvas, [50, 30, 95, 90], 7);
        drawZero(canvas, [94, 30, 139, 90], 7);
      },
      false,
    ],
    ['of a blank sheet', () => {}, false],
  ])('%s', (_what, draw, expected) => {
    expect(showsSeveralDigits(lookAt(drawPicture({ width: 200, height: 120 }, draw)))).toBe(expected);
  });
});
