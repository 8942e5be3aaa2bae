import { labelComponents } from './components.ts';
import type { FoundInk, InkBox } from './find-ink.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Finds the sheet in a picture that shows the table, too. Either the "ink" is the table, along three borders or more,
 * with a large area of paper inside; or, of a small sheet, the "ink" is the sheet itself, a large and nearly full box.
 * Returns the paper's box, a little smaller, or `undefined` where there is no table.
 */
export function findSheet(size: Size, found: FoundInk): InkBox | undefined {
  if (isFullBox(size, found)) return shrink(found.box);
  const { width, height } = size;
  if (countBorders(size, found.box) < 3) return undefined;
  const paper = found.mask.map((value) => 1 - value);
  const { components } = labelComponents({ width, height, mask: paper });
  const [sheet] = [...components].sort((one, other) => other.area - one.area);
  if (sheet === undefined || sheet.area < 0.15 * width * height || countBorders(size, sheet) > 1)
    return undefined;
  return shrink(sheet);
}

function isFullBox(size: Size, found: FoundInk): boolean {
  const width = found.box.right - found.box.left;
  const height = found.box.bottom - found.box.top;
  if (width < 0.3 * size.width || height < 0.3 * size.height) return false;
  const area = found.mask.reduce((sum, value) => sum + value, 0);
  return area > 0.75 * width * height;
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
