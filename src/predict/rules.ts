import type { Component } from './components.ts';
import { traceLines } from './erase-lines.ts';
import { findLines, type Mask } from './find-lines.ts';
import { gapAcross, heightOf, longerSideOf, widthOf } from './ink-box.ts';

/** How many components are looked at, the longest first. */
const mostLookedAt = 24;

/**
 * The components that are printed lines, apart or joined to a part of a frame: they are nothing but straight thin strokes,
 * and longer than all other ink, or of a much finer pen, or they lie under it. Where all ink is of straight strokes, as a
 * 1 is, none is one.
 */
export function findRules(
  components: readonly Component[],
  image: { readonly width: number; readonly labels: Uint32Array },
): readonly Component[] {
  const longest = [...components]
    .filter((component) => longerSideOf(component) >= 6)
    .sort((one, other) => longerSideOf(other) - longerSideOf(one))
    .slice(0, mostLookedAt);
  const straight = longest.filter((component) => isStraight(cutMask(component, image)));
  const other = longest.filter((component) => !straight.includes(component));
  const [largest] = [...other].sort((one, next) => next.area - one.area);
  const size = Math.max(0, ...other.map(longerSideOf));
  if (largest === undefined || size < 0.25 * Math.max(...straight.map(longerSideOf))) return [];
  // A 1 of a fine pen beside a bold digit is none.
  const pen = Math.min(...other.filter((each) => longerSideOf(each) >= 0.5 * size).map(strokeWidth));
  return straight.filter(
    (component) =>
      (longerSideOf(component) >= 1.15 * size && runsBeyond(component, largest, 0.05 * size)) ||
      (longerSideOf(component) >= size && strokeWidth(component) <= 0.45 * pen) ||
      strokeWidth(component) <= 0.3 * pen ||
      other.some((above) => isUnderline(component, above)),
  );
}

function cutMask(
  component: Component,
  image: { readonly width: number; readonly labels: Uint32Array },
): Mask {
  const [width, height] = [widthOf(component), heightOf(component)];
  const mask = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    let at = (component.top + y) * image.width + component.left;
    for (let x = 0; x < width; x++, at++, to++) if (image.labels[at] === component.label) mask[to] = 1;
  }
  return { width, height, mask };
}

/** Whether an upright line reaches further up and down than a digit does; a level one needs not. */
function runsBeyond(line: Component, digit: Component, reach: number): boolean {
  if (widthOf(line) > heightOf(line)) return true;
  return line.top <= digit.top - reach && line.bottom >= digit.bottom + reach;
}

/** Pixels, roughly: what is two pixels wide is all outline. */
function strokeWidth({ area, outline }: Component): number {
  return (2 * area) / outline;
}

/** Whether a component is nothing but straight strokes, level or upright, of at most a width in pixels. */
export function isThinRule(
  component: Component,
  image: { readonly width: number; readonly labels: Uint32Array },
  width: number,
): boolean {
  return component.area <= width * longerSideOf(component) && isStraight(cutMask(component, image));
}

/** Whether lines along most of its width or height are nearly all of its ink. */
function isStraight(image: Mask): boolean {
  const area = image.mask.reduce((sum, value) => sum + value, 0);
  const { width, height } = image;
  if (area > 0.4 * width * height) return Math.max(width, height) >= 4 * Math.min(width, height);
  const traced = traceLines(image, findLines(image, 0.7));
  return image.mask.reduce((sum, value, at) => sum + (traced[at] === 0 ? value : 0), 0) <= 0.12 * area;
}

function isUnderline(line: Component, above: Component): boolean {
  const lowest = above.bottom - 0.15 * heightOf(above);
  return (
    widthOf(line) >= 4 * heightOf(line) &&
    line.top >= lowest &&
    -gapAcross(line, above) >= 0.5 * Math.min(widthOf(line), widthOf(above)) &&
    widthOf(line) >= 0.7 * widthOf(above)
  );
}
