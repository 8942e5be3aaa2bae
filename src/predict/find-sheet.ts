import { mapToBytes } from '../image/gray.ts';
import { type Component, labelComponents } from './components.ts';
import type { Strokes } from './find-strokes.ts';
import { heightOf, type InkBox, widthOf } from './ink-box.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Finds the sheet in a picture that shows the table, too. Either the "ink" is the table, along three borders or more,
 * with a large area of paper inside; or, of a small sheet, the "ink" is the sheet itself, a large and nearly full box.
 * Returns the paper's box, a little smaller, or `undefined` where there is no table.
 */
export function findSheet({ width, height, labels, components }: Strokes): InkBox | undefined {
  const [main] = [...components].sort((one, other) => other.area - one.area);
  if (main === undefined) return undefined;
  if (isFullBox({ width, height }, main)) return shrink(main);
  if (countBorders({ width, height }, main) < 3) return undefined;
  const paper = mapToBytes(labels, (label) => (label === main.label ? 0 : 1));
  const inner = labelComponents({ width, height, mask: paper }).components;
  const [sheet] = [...inner].sort((one, other) => other.area - one.area);
  if (sheet === undefined || sheet.area < 0.15 * width * height) return undefined;
  return countBorders({ width, height }, sheet) > 1 ? undefined : shrink(sheet);
}

function isFullBox(size: Size, main: Component): boolean {
  if (widthOf(main) < 0.3 * size.width || heightOf(main) < 0.3 * size.height) return false;
  return main.area > 0.75 * widthOf(main) * heightOf(main);
}

function countBorders(size: Size, box: InkBox): number {
  const touched = [box.left === 0, box.top === 0, box.right === size.width, box.bottom === size.height];
  return touched.filter(Boolean).length;
}

/** Takes the sheet's rim off, where light and table mix; what is left of a small one still has a few pixels. */
function shrink(sheet: InkBox): InkBox | undefined {
  const rim = Math.ceil(0.04 * Math.min(sheet.right - sheet.left, sheet.bottom - sheet.top)) + 1;
  const box = {
    left: sheet.left + rim,
    top: sheet.top + rim,
    right: sheet.right - rim,
    bottom: sheet.bottom - rim,
  };
  return box.right - box.left < 16 || box.bottom - box.top < 16 ? undefined : box;
}
