import { type Random, random, shuffle } from '../../../src/core/random.ts';
import type { Canvas } from '../photo.ts';
import { type Box, between, createCanvas, drawLine, inkDigit, lay, type Point } from './canvas.ts';
import { mix, paperColor, penColor, photograph } from './paper.ts';
import { drawRules, type RuleKind, tilt } from './rules.ts';

/** What is printed or drawn around a digit. */
export const cellKinds = ['cell', 'ruled', 'squared', 'underlined'] as const;

/** One of `cellKinds`. */
export type CellKind = (typeof cellKinds)[number];

/** A digit, `[28, 28]` bytes, on paper with lines, tilted by up to 3 degrees: an encoded picture. */
export async function makeCell(
  digit: Uint8Array,
  kind: CellKind,
  { seed, index }: { readonly seed: number; readonly index: number },
): Promise<Uint8Array> {
  const numbers = random(seed, kind, index);
  const size = between(numbers, 40, 100);
  const ink = await inkDigit(digit, size / 20, numbers);
  const canvas = createCanvas(
    Math.round(Math.max(ink.width, 0.6 * size) * between(numbers, 1.5, 2.6)),
    Math.round(ink.height * between(numbers, 1.5, 2.4)),
  );
  const print = createCanvas(canvas.width, canvas.height);
  const at = {
    x: (canvas.width - ink.width) * between(numbers, 0.4, 0.6),
    y: (canvas.height - ink.height) * between(numbers, 0.4, 0.6),
  };
  const box = { left: at.x, top: at.y, right: at.x + ink.width, bottom: at.y + ink.height };
  lay(canvas, ink, at);
  if (kind === 'cell') drawSides(print, box, numbers);
  else if (kind === 'underlined') underline(canvas, box, numbers);
  else drawRules(print, { kind, size }, numbers);
  const paper = paperColor(numbers);
  const pen = penColor(numbers);
  const strength = kind === 'cell' ? between(numbers, 0.5, 1) : between(numbers, 0.2, 0.6);
  const printed = { pixels: print.pixels, color: mix(paper, penColor(numbers), strength) };
  const { width, height } = canvas;
  return photograph(
    { width, height, paper, layers: [printed, { pixels: canvas.pixels, color: pen }] },
    numbers,
  );
}

/**
 * One to four sides of a cell. One in six touches the digit; the others keep 5 to 90 % of the way to the border. Lines
 * run on to the border, as in a table, or end at the corners, as in a form.
 */
function drawSides(print: Canvas, box: Box, numbers: Random): void {
  const { width, height } = print;
  const thickness = between(numbers, 1, 3.5);
  const place = (edge: number, border: number) => {
    const isTouching = numbers.uniform() < 1 / 6;
    return (
      edge + (border - edge) * (isTouching ? between(numbers, -0.05, 0.05) : between(numbers, 0.1, 0.95))
    );
  };
  const left = place(box.left, 0);
  const right = place(box.right, width);
  const top = place(box.top, 0);
  const bottom = place(box.bottom, height);
  const runsOn = numbers.uniform() < 0.5;
  const [x0, x1, y0, y1] = runsOn ? [-width, 2 * width, -height, 2 * height] : [left, right, top, bottom];
  const sides: [Point, Point][] = [
    [
      { x: left, y: y0 },
      { x: left, y: y1 },
    ],
    [
      { x: right, y: y0 },
      { x: right, y: y1 },
    ],
    [
      { x: x0, y: top },
      { x: x1, y: top },
    ],
    [
      { x: x0, y: bottom },
      { x: x1, y: bottom },
    ],
  ];
  const degrees = between(numbers, -3, 3);
  const count = 1 + numbers.integer(4);
  for (const [from, to] of shuffle(sides, numbers).slice(0, count)) {
    drawLine(print, [tilt(from, print, degrees), tilt(to, print, degrees)], thickness);
  }
}

/** A stroke of the digit's own pen below it. */
function underline(canvas: Canvas, box: Box, numbers: Random): void {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const y = box.bottom + height * between(numbers, 0.03, 0.2);
  const reach = Math.max(width, 0.5 * height) * between(numbers, 0.5, 0.9);
  const middle = (box.left + box.right) / 2;
  const slope = reach * Math.tan((between(numbers, -4, 4) * Math.PI) / 180);
  const from = { x: middle - reach, y: y - slope };
  const to = { x: middle + reach, y: y + slope };
  drawLine(canvas, [from, to], height * between(numbers, 0.05, 0.12));
}

/** Ruled or squared paper without a digit. */
export function makeEmptySheet(kind: RuleKind, seed: number, index: number): Promise<Uint8Array> {
  const numbers = random(seed, `empty ${kind}`, index);
  const canvas = createCanvas(Math.round(between(numbers, 80, 500)), Math.round(between(numbers, 80, 400)));
  drawRules(canvas, { kind, size: between(numbers, 30, 80) }, numbers);
  const paper = paperColor(numbers);
  const color = mix(paper, penColor(numbers), between(numbers, 0.2, 0.8));
  const { width, height, pixels } = canvas;
  return photograph({ width, height, paper, layers: [{ pixels, color }] }, numbers);
}
