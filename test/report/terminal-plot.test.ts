import { describe, expect, test } from 'vitest';
import { formatPlot } from '../../src/report/terminal-plot.ts';

const ramp = Array.from({ length: 5 }, (_, index) => ({ x: index, y: index }));

describe('a plot in the terminal', () => {
  test('draws a rising line from the lower left to the upper right', () => {
    expect(formatPlot(ramp, { width: 11, height: 4 })).toBe(
      ['4 ┤      ⡠⠊', '  ┤    ⡠⠊', '  ┤  ⡠⠊', '0 ┤⡠⠊', '   0      4'].join('\n'),
    );
  });

  test('is as wide and as high as told, labels included', () => {
    const lines = formatPlot(ramp, { width: 40, height: 6 }).split('\n');
    expect([lines.length, Math.max(...lines.map((line) => line.length))]).toEqual([7, 40]);
  });

  test('labels its ends in the words of the caller', () => {
    const text = formatPlot(ramp, {
      formatX: (x) => `step ${x}`,
      formatY: (y) => `${y} %`,
      width: 30,
      height: 2,
    });
    expect(text.match(/step \d|\d %/g)).toEqual(['4 %', '0 %', 'step 0', 'step 4']);
  });

  test('draws a flat series in the middle, with one label', () => {
    const flat = ramp.map(({ x }) => ({ x, y: 5 }));
    expect(formatPlot(flat, { width: 12, height: 3 })).toBe(
      ['5 ┤', '  ┤⠒⠒⠒⠒⠒⠒⠒⠒⠒', '  ┤', '   0       4'].join('\n'),
    );
  });

  test('draws a single point as a dot', () => {
    expect(formatPlot([{ x: 3, y: 2 }]).match(/[\u2801-\u28ff]/g)?.length).toBe(1);
  });

  test('leaves out what is not finite', () => {
    const gap = { x: 2, y: Number.NaN };
    expect(formatPlot([...ramp, gap])).toBe(formatPlot(ramp));
  });

  test('says so where there is nothing to draw', () => {
    expect(formatPlot([{ x: 0, y: Infinity }])).toBe('(nothing measured)');
  });
});
