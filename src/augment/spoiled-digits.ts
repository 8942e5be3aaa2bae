import type { Random } from '../core/random.ts';
import { type Canvas, createCanvas, drawLine, findInkBox, finishCanvas, pasteDigit } from './collage.ts';

/** A digit of the training set. */
export interface KnownDigit {
  readonly image: Uint8Array;
  readonly label: number;
}

/** Draws a digit of the training set. */
export type PickDigit = () => KnownDigit;

/** Two to four digits side by side, apart, touching or overlapping a little, in one frame. */
export function drawRow(pick: PickDigit, numbers: Random): Uint8Array {
  const canvas = createCanvas();
  const count = [2, 2, 2, 3, 3, 4][numbers.integer(6)] ?? 2;
  const gap = 0.35 * numbers.uniform() - 0.12;
  const digits = Array.from({ length: count }, () => {
    const { image } = pick();
    const { left, right, top, bottom } = findInkBox(image);
    const height = 0.85 + 0.3 * numbers.uniform();
    return { image, height, width: Math.max(0.22, (height * (right - left)) / (bottom - top)) };
  });
  const wide = digits.reduce((sum, { width }) => sum + width, 0) + gap * (count - 1);
  // Rows are wider than high; the canvas leaves room for 70 pixels.
  const unit = 70 / Math.max(wide, 1.2);
  let left = 42 - (wide * unit) / 2;
  for (const { image, width, height } of digits) {
    const top = 42 - (height * unit) / 2 + unit * 0.1 * (numbers.uniform() - 0.5);
    pasteDigit(canvas, image, { left, top, width: width * unit, height: height * unit });
    left += (width + gap) * unit;
  }
  return finishCanvas(canvas, numbers);
}

/** A part of a digit that is none itself: half of its height or width, or a corner. */
export function drawPart(pick: PickDigit, numbers: Random): Uint8Array {
  const canvas = createCanvas();
  const { image, label } = pickOf(pick, [0, 2, 3, 5, 6, 8]);
  const box = findInkBox(image);
  const [middleX, middleY] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  // The right half of 3 and 8 is a 3, the upper one of 2 and 3 may be a 7 or a 2, and parts of 6 and 8 are rings.
  const byWidth = label === 6 || label === 8 || numbers.uniform() < 0.5;
  const isCorner = label !== 6 && label !== 8 && numbers.uniform() < 0.3;
  const isRight = label !== 3 && label !== 8 && numbers.uniform() < 0.5;
  const isLower = label === 2 || label === 3 || numbers.uniform() < 0.5;
  const cut = image.map((value, at) => {
    const isInWidth = at % 28 > middleX === isRight;
    const isInHeight = Math.floor(at / 28) > middleY === isLower;
    return (isCorner || byWidth ? isInWidth : true) && (isCorner || !byWidth ? isInHeight : true) ? value : 0;
  });
  const { left, right, top, bottom } = findInkBox(cut);
  const unit = 60 / Math.max(right - left, bottom - top);
  const [width, height] = [(right - left) * unit, (bottom - top) * unit];
  pasteDigit(canvas, cut, { left: 42 - width / 2, top: 42 - height / 2, width, height });
  return finishCanvas(canvas, numbers);
}

/** A digit mirrored, upside down or turned by a right angle, where that gives no other digit. */
export function turnDigit(pick: PickDigit, numbers: Random): Uint8Array {
  const kind = numbers.integer(3);
  // A mirrored 2 resembles a 5 and the reverse; upside down, 2 and 5 stay and 6 and 9 change places.
  const labels = [
    [3, 4, 6, 7, 9],
    [3, 4, 7],
    [2, 3, 4, 5, 6, 7, 8, 9],
  ][kind];
  const { image } = pickOf(pick, labels ?? []);
  const isLeft = numbers.uniform() < 0.5;
  return image.map((_, at) => {
    const x = at % 28;
    const y = (at - x) / 28;
    if (kind === 0) return image[y * 28 + 27 - x] ?? 0;
    if (kind === 1) return image[(27 - y) * 28 + 27 - x] ?? 0;
    return (isLeft ? image[x * 28 + 27 - y] : image[(27 - x) * 28 + y]) ?? 0;
  });
}

/** A digit in a frame, on lines or squares, underlined or struck out. */
export function drawRuled(pick: PickDigit, numbers: Random): Uint8Array {
  const canvas = createCanvas();
  const { image } = pick();
  const { left, right, top, bottom } = findInkBox(image);
  const size = 30 + 20 * numbers.uniform();
  const unit = size / Math.max(right - left, bottom - top);
  const [width, height] = [(right - left) * unit, (bottom - top) * unit];
  const place = { left: 42 - width / 2, top: 42 - height / 2, width, height };
  pasteDigit(canvas, image, place);
  drawRules(canvas, size, numbers);
  return finishCanvas(canvas, numbers);
}

/** Frames, rules and squares without any digit. */
export function drawEmptyRules(numbers: Random): Uint8Array {
  const canvas = createCanvas();
  drawRules(canvas, 40 + 20 * numbers.uniform(), numbers);
  return finishCanvas(canvas, numbers);
}

/** A frame, two lines, squares, an underline with a second line, or a corner around a middle part of this size. */
function drawRules(canvas: Canvas, size: number, numbers: Random): void {
  const width = 1.5 + 4 * numbers.uniform();
  const ink = numbers.uniform() < 0.7 ? 1 : 0.5 + 0.5 * numbers.uniform();
  const slope = 3 * (numbers.uniform() - 0.5);
  const half = size / 2 + 3 + 10 * numbers.uniform();
  const high = half * (0.7 + 0.4 * numbers.uniform());
  const long = Math.min(40, half * (1 + 0.6 * numbers.uniform()));
  const [left, right, top, bottom] = [42 - half, 42 + half, 42 - high, 42 + high];
  const across = (y: number) =>
    drawLine(canvas, [42 - long, y - slope, 42 + long, y + slope], { width, ink });
  const down = (x: number) => drawLine(canvas, [x + slope, 42 - long, x - slope, 42 + long], { width, ink });
  const kind = numbers.integer(7);
  if (kind <= 1) {
    drawLine(canvas, [left, top, right, top + slope], { width, ink });
    drawLine(canvas, [right, top + slope, right, bottom + slope], { width, ink });
    drawLine(canvas, [right, bottom + slope, left, bottom], { width, ink });
    drawLine(canvas, [left, bottom, left, top], { width, ink });
  } else if (kind === 2) {
    across(top);
    across(bottom);
  } else if (kind === 3) {
    const step = 12 + 14 * numbers.uniform();
    for (let at = 4 + 8 * numbers.uniform(); at < 82; at += step) {
      across(at);
      down(at + 3);
    }
  } else if (kind === 4) {
    across(bottom);
    if (numbers.uniform() < 0.6) across(bottom + 4 + 6 * numbers.uniform());
    else down(left);
  } else if (kind === 5) {
    across(42 + size * 0.3 * (numbers.uniform() - 0.5));
    down(42 + size * 0.6 * (numbers.uniform() - 0.5));
  } else {
    down(left);
    if (numbers.uniform() < 0.5) down(right);
    across(numbers.uniform() < 0.5 ? top : bottom);
  }
}

/** A digit with one of these labels; the last one drawn where none comes up in many tries. */
function pickOf(pick: PickDigit, labels: readonly number[]): KnownDigit {
  let digit = pick();
  for (let tries = 0; tries < 50 && !labels.includes(digit.label); tries++) digit = pick();
  return digit;
}
