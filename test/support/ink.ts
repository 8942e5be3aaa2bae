import type { GrayImage } from '../../src/image/gray.ts';
import type { Canvas } from './photo.ts';
import { type Box, createCanvas, drawLine } from './scenes/canvas.ts';

/** A picture of white paper with what `draw` draws in black; `isLight` swaps the two. */
export function drawPicture(
  size: { readonly width: number; readonly height: number },
  draw: (canvas: Canvas) => void,
  isLight = false,
): GrayImage {
  const canvas = createCanvas(size.width, size.height);
  draw(canvas);
  const pixels = Uint8Array.from(canvas.pixels, (cover) => Math.round(isLight ? cover : 255 - cover));
  return { ...size, pixels };
}

/** The pixels of a picture that are black, 1 each. */
export function toMask({ width, height, pixels }: GrayImage) {
  return { width, height, mask: pixels.map((value) => (value < 128 ? 1 : 0)) };
}

/** Fills a box, of `[left, top, right, bottom]`, with ink: a 1, a bar, a rule. */
export function fillBox({ width, pixels }: Canvas, [left, top, right, bottom]: Corners, cover = 255): void {
  for (let y = top; y < bottom; y++) pixels.fill(cover, y * width + left, y * width + right);
}

/** Draws the four sides of a box inside it. */
export function drawFrame(canvas: Canvas, corners: Corners, thickness: number): void {
  const [left, top, right, bottom] = corners;
  fillBox(canvas, [left, top, right, top + thickness]);
  fillBox(canvas, [left, bottom - thickness, right, bottom]);
  fillBox(canvas, [left, top, left + thickness, bottom]);
  fillBox(canvas, [right - thickness, top, right, bottom]);
}

/** Draws a 0: an ellipse that touches the four sides of a box from within. */
export function drawZero({ width, pixels }: Canvas, corners: Corners, thickness: number): void {
  const [left, top, right, bottom] = corners;
  const [across, down] = [(right - left) / 2, (bottom - top) / 2];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [dx, dy] = [x + 0.5 - (left + right) / 2, y + 0.5 - (top + bottom) / 2];
      const isOutside = (dx / across) ** 2 + (dy / down) ** 2 > 1;
      const isHole = (dx / (across - thickness)) ** 2 + (dy / (down - thickness)) ** 2 < 1;
      if (!isOutside && !isHole) pixels[y * width + x] = 255;
    }
  }
}

/** Draws a 7: a bar at the top of a box, and a slanted stroke from its right end to the bottom. */
export function drawSevenIn(canvas: Canvas, [left, top, right, bottom]: Corners, thickness: number): void {
  fillBox(canvas, [left, top, right, top + thickness]);
  const [x, y] = [right - thickness / 2, top + thickness / 2];
  const end = { x: left + (right - left) / 3, y: bottom - thickness / 2 };
  drawLine(canvas, [{ x, y }, end], thickness);
}

/** A box as the tests of boxes write it. */
export function boxOf([left, top, right, bottom]: Corners): Box {
  return { left, top, right, bottom };
}

type Corners = readonly [left: number, top: number, right: number, bottom: number];
