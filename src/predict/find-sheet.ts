import { type Component, labelComponents } from './components.ts';
import type { FoundInk, InkBox } from './find-ink.ts';

/**
 * Finds the sheet in a picture whose "ink" is a table around it: dark pixels that run along three borders or more, with
 * a large area of paper inside. Returns the paper's box, a little smaller, or `undefined` where there is no table.
 */
export function findSheet(
  size: { readonly width: number; readonly height: number },
  found: FoundInk,
): InkBox | undefined {
  const { width, height } = size;
  if (countBorders(size, found.box) < 3) return undefined;
  const paper = found.mask.map((value) => 1 - value);
  const { components } = labelComponents({ width, height, mask: paper });
  const [sheet] = [...components].sort((one, other) => other.area - one.area);
  if (sheet === undefined || sheet.area < 0.15 * width * height || countBorders(size, sheet) > 1)
    return undefined;
  return shrink(sheet);
}

function countBorders(size: { readonly width: number; readonly height: number }, box: InkBox): number {
  const touched = [box.left === 0, box.top === 0, box.right === size.width, box.bottom === size.height];
  return touched.filter(Boolean).length;
}

/** Takes the sheet's rim off, where light and table mix; what is left of a small one still has a few pixels. */
function shrink(sheet: Component): InkBox | undefined {
  const rim = Math.ceil(0.04 * Math.min(sheet.right - sheet.left, sheet.bottom - sheet.top)) + 1;
  const box = {
    left: sheet.left + rim,
    top: sheet.top + rim,
    right: sheet.right - rim,
    bottom: sheet.bottom - rim,
  };
  return box.right - box.left < 16 || box.bottom - box.top < 16 ? undefined : box;
}
