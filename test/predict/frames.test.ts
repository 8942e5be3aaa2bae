import { describe, expect, test } from 'vitest';
import { labelComponents } from '../../src/predict/components.ts';
import { isFrame } from '../../src/predict/frames.ts';
import { findRules } from '../../src/predict/rules.ts';
import { drawFrame, drawPicture, drawSevenIn, drawZero, fillBox, toMask } from '../support/ink.ts';
import type { Canvas } from '../support/photo.ts';
import { drawLine } from '../support/scenes/canvas.ts';
import { tilt } from '../support/scenes/rules.ts';

const size = { width: 120, height: 120 };

function componentsOf(draw: (canvas: Canvas) => void) {
  const { labels, components } = labelComponents(toMask(drawPicture(size, draw)));
  return { components, image: { width: size.width, labels } };
}

/** A rectangle with sides 3 thick, turned about the middle of the canvas. */
function drawTilted(canvas: Canvas, degrees: number): void {
  const corners = [
    { x: 20, y: 20 },
    { x: 100, y: 20 },
    { x: 100, y: 100 },
    { x: 20, y: 100 },
  ].map((corner) => tilt(corner, canvas, degrees));
  corners.forEach((corner, at) => {
    drawLine(canvas, [corner, corners[(at + 1) % 4] ?? corner], 3);
  });
}

/** Whether the first component is a frame. */
function isDrawnFrame(draw: (canvas: Canvas) => void): boolean | undefined {
  const { components, image } = componentsOf(draw);
  return components[0] && isFrame(components[0], image);
}

describe('isFrame', () => {
  test.each([0, 3, -3])('finds a frame turned by %d degrees', (degrees) => {
    expect(isDrawnFrame((canvas) => drawTilted(canvas, degrees))).toBe(true);
  });

  test.each([
    ['a 0 as large and as thin', (canvas: Canvas) => drawZero(canvas, [20, 20, 100, 100], 3)],
    ['a 0 as narrow as people write it', (canvas: Canvas) => drawZero(canvas, [40, 20, 80, 100], 5)],
    ['a 7', (canvas: Canvas) => drawSevenIn(canvas, [30, 20, 90, 100], 4)],
    ['a filled box', (canvas: Canvas) => fillBox(canvas, [20, 20, 100, 100])],
    [
      'a 0 that is nearly a rectangle, with its corners cut off',
      (canvas: Canvas) => {
        drawFrame(canvas, [20, 20, 100, 100], 3);
        for (const left of [20, 83]) {
          for (const top of [20, 83]) {
            fillBox(canvas, [left, top, left + 17, top + 17], 0);
            const isFalling = (left === 20) !== (top === 20);
            const [y0, y1] = isFalling ? [top, top + 17] : [top + 17, top];
            drawLine(
              canvas,
              [
                { x: left, y: y0 },
                { x: left + 17, y: y1 },
              ],
              2,
            );
          }
        }
      },
    ],
    [
      'a frame with one side missing',
      (canvas: Canvas) => {
        fillBox(canvas, [20, 20, 100, 23]);
        fillBox(canvas, [20, 20, 23, 100]);
        fillBox(canvas, [97, 20, 100, 100]);
      },
    ],
    [
      'a frame that a stroke within is joined to',
      (canvas: Canvas) => {
        drawFrame(canvas, [20, 20, 100, 100], 3);
        fillBox(canvas, [56, 20, 64, 100]);
      },
    ],
  ])('takes %s for none', (_what, draw) => {
    expect(isDrawnFrame(draw)).toBe(false);
  });
});

/** The boxes of the rules among what is drawn: left, top, right, bottom. */
function rulesOf(draw: (canvas: Canvas) => void): readonly (readonly number[])[] {
  const { components, image } = componentsOf(draw);
  return findRules(components, image).map(({ left, top, right, bottom }) => [left, top, right, bottom]);
}

describe('findRules', () => {
  test('finds the line under a digit', () => {
    const underlined = (canvas: Canvas) => {
      drawZero(canvas, [40, 20, 80, 80], 6);
      fillBox(canvas, [35, 88, 85, 93]);
    };
    expect(rulesOf(underlined)).toEqual([[35, 88, 85, 93]]);
  });

  test('leaves the bar of a 5, which lies over it', () => {
    const five = (canvas: Canvas) => {
      fillBox(canvas, [40, 20, 80, 25]);
      drawZero(canvas, [40, 35, 80, 95], 6);
    };
    expect(rulesOf(five)).toEqual([]);
  });

  test('leaves a 1 beside another digit', () => {
    const ten = (canvas: Canvas) => {
      fillBox(canvas, [20, 30, 26, 90]);
      drawZero(canvas, [50, 30, 90, 90], 6);
    };
    expect(rulesOf(ten)).toEqual([]);
  });

  test('finds a line longer than any digit, wherever it is', () => {
    const table = (canvas: Canvas) => {
      fillBox(canvas, [10, 2, 13, 118]);
      drawZero(canvas, [40, 40, 70, 85], 6);
    };
    expect(rulesOf(table)).toEqual([[10, 2, 13, 118]]);
  });

  test('finds a corner of a frame, two lines that are joined', () => {
    const corner = (canvas: Canvas) => {
      fillBox(canvas, [10, 10, 110, 13]);
      fillBox(canvas, [10, 10, 13, 110]);
      drawZero(canvas, [40, 40, 70, 90], 6);
    };
    expect(rulesOf(corner)).toEqual([[10, 10, 110, 110]]);
  });

  test('finds none where all ink is one straight stroke, as a 1', () => {
    expect(rulesOf((canvas) => fillBox(canvas, [58, 10, 64, 110]))).toEqual([]);
  });
});
