import { greatest, least } from './extremes.ts';

/** A point of a plot. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
}

/** How large a plot is and what its ends are called. */
export interface PlotOptions {
  /** Columns of the whole picture, axis labels included; 72 by default. */
  readonly width?: number;
  /** Rows of the curve; 10 by default. */
  readonly height?: number;
  readonly formatX?: (x: number) => string;
  readonly formatY?: (y: number) => string;
}

/**
 * Draws a line through points as text, in Braille characters of 2 x 4 dots: the highest and lowest value to the left,
 * the first and last position below. Points that are not finite are left out; without any there is no line.
 */
export function formatPlot(points: readonly PlotPoint[], options: PlotOptions = {}): string {
  const { width = 72, height = 10, formatX = String, formatY = String } = options;
  const finite = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  if (finite.length === 0) return '(nothing measured)';
  const xs = finite.map(({ x }) => x);
  const ys = finite.map(({ y }) => y);
  const bounds = { left: least(xs), right: greatest(xs), low: least(ys), high: greatest(ys) };
  const [high, low] = [formatY(bounds.high), formatY(bounds.low)];
  const margin = Math.max(high.length, low.length);
  const columns = Math.max(8, width - margin - 2);
  const dots = finite.map(({ x, y }) => ({
    x: scale(x, bounds.left, bounds.right, 2 * columns),
    y: 4 * height - 1 - scale(y, bounds.low, bounds.high, 4 * height),
  }));
  const rows = drawDots(dots, columns, height).map((row, index) => {
    const label = index === 0 ? high : index === height - 1 && low !== high ? low : '';
    return `${label.padStart(margin)} ┤${row}`.trimEnd();
  });
  const [first, last] = [formatX(bounds.left), formatX(bounds.right)];
  const below = `${' '.repeat(margin + 2)}${first}${last.padStart(columns - first.length)}`;
  return [...rows, below].join('\n');
}

/** `value` in [low, high] -> the dot, 0 to count - 1; the middle where there is no span. */
function scale(value: number, low: number, high: number, count: number): number {
  return Math.round((high === low ? 0.5 : (value - low) / (high - low)) * (count - 1));
}

/** The bit of each dot of a Braille character, [row][column] (Unicode 16.0, section 21.1). */
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

function drawDots(dots: readonly PlotPoint[], columns: number, height: number): readonly string[] {
  const cells = Array.from({ length: height }, () => new Uint8Array(columns));
  const mark = (x: number, y: number): void => {
    const row = cells[y >> 2];
    const column = x >> 1;
    if (row !== undefined) row[column] = (row[column] ?? 0) | (dotBits[y & 3]?.[x & 1] ?? 0);
  };
  dots.forEach((dot, index) => {
    const from = dots[index - 1] ?? dot;
    const stepCount = Math.max(1, Math.abs(dot.x - from.x), Math.abs(dot.y - from.y));
    for (let step = 0; step <= stepCount; step++) {
      const part = step / stepCount;
      mark(Math.round(from.x + part * (dot.x - from.x)), Math.round(from.y + part * (dot.y - from.y)));
    }
  });
  return cells.map((row) => Array.from(row, toBraille).join(''));
}

/** Some fonts draw the empty Braille character as eight rings, so a space stands for it. */
function toBraille(bits: number): string {
  return bits === 0 ? ' ' : String.fromCodePoint(0x2800 + bits);
}
