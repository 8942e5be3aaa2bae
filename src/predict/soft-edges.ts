import type { Component } from './components.ts';
import type { Strokes } from './find-strokes.ts';
import { longerSideOf } from './ink-box.ts';

/** A pen's edge lies within this share of the ink's longer side; that of a shadow or a fold takes longer. */
const edgeWidth = 0.03;

/** Least share of full ink that a pen's edge rises by. */
const leastRise = 0.45;

/** Places of an outline that are looked at, at most. */
const mostPlaces = 200;

/** Whether ink is a shadow, a fold or a stain: at half of its outline it fades slowly, which no stroke of a pen does. */
export function hasSoftEdges(component: Component, strokes: Strokes): boolean {
  const reach = Math.max(2, Math.round(edgeWidth * longerSideOf(component)));
  const step = Math.ceil(component.outline / mostPlaces);
  let [outline, seen, soft] = [0, 0, 0];
  for (let y = component.top; y < component.bottom; y++) {
    for (let x = component.left; x < component.right; x++) {
      if (!isOutline(component, strokes, { x, y }) || outline++ % step !== 0) continue;
      seen += 1;
      if (riseAround(strokes, { x, y, reach }) < leastRise * strokes.level) soft += 1;
    }
  }
  return soft > seen / 2;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Whether a pixel of a component lies beside one of the picture that is none. */
function isOutline({ label }: Component, { width, height, labels }: Strokes, { x, y }: Place): boolean {
  const at = y * width + x;
  if (labels[at] !== label) return false;
  return (
    (x > 0 && labels[at - 1] !== label) ||
    (x < width - 1 && labels[at + 1] !== label) ||
    (y > 0 && labels[at - width] !== label) ||
    (y < height - 1 && labels[at + width] !== label)
  );
}

/** The difference of the darkest and the lightest pixel around a place, in gray levels. */
function riseAround(
  { width, height, ink }: Strokes,
  { x, y, reach }: Place & { readonly reach: number },
): number {
  let [lightest, darkest] = [Infinity, -Infinity];
  for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
    for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column++) {
      const value = ink[row * width + column] ?? 0;
      lightest = Math.min(lightest, value);
      darkest = Math.max(darkest, value);
    }
  }
  return darkest - lightest;
}
