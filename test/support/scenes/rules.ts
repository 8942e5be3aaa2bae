import type { Random } from '../../../src/core/random.ts';
import type { Canvas } from '../photo.ts';
import { between, drawLine, type Point } from './canvas.ts';

/** School paper: lines for writing, or squares for sums. */
export type RuleKind = 'ruled' | 'squared';

/** Rules a sheet for digits `size` pixels high, tilted by up to 3 degrees; squares are a third to all of a digit high. */
export function drawRules(
  print: Canvas,
  { kind, size }: { readonly kind: RuleKind; readonly size: number },
  numbers: Random,
): void {
  const pitch = size * (kind === 'ruled' ? between(numbers, 0.6, 1.2) : between(numbers, 0.35, 1));
  const thickness = between(numbers, 0.8, 2.2);
  const degrees = between(numbers, -3, 3);
  const reach = print.width + print.height;
  const lines: (readonly [Point, Point])[] = [];
  for (let at = -reach + pitch * numbers.uniform(); at < reach; at += pitch) {
    lines.push([
      { x: -reach, y: at },
      { x: reach, y: at },
    ]);
    if (kind === 'squared')
      lines.push([
        { x: at, y: -reach },
        { x: at, y: reach },
      ]);
  }
  for (const [from, to] of lines) {
    drawLine(print, [tilt(from, print, degrees), tilt(to, print, degrees)], thickness);
  }
}

/** The point turned about the middle of the canvas. */
export function tilt(point: Point, canvas: Canvas, degrees: number): Point {
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const [x, y] = [point.x - canvas.width / 2, point.y - canvas.height / 2];
  return { x: canvas.width / 2 + x * cosine - y * sine, y: canvas.height / 2 + x * sine + y * cosine };
}
