import type { Component } from './components.ts';
import type { Strokes } from './find-strokes.ts';
import { isInside } from './frames.ts';
import {
  boxAround,
  gapAcross,
  gapBetween,
  heightOf,
  type InkBox,
  longerSideOf,
  sharedRows,
  widthOf,
} from './ink-box.ts';
import { hasSoftEdges } from './soft-edges.ts';

/** Ink that belongs to one digit: a whole one, or a part of it. */
export interface Piece {
  /** Its components. */
  readonly labels: readonly number[];
  readonly box: InkBox;
  /** Of a part that was cut off: the box of what it was cut from. */
  readonly whole?: InkBox;
}

/** Sorts the ink of a picture into rows from the top, and each into pieces from the left. Specks, shadows and edges are left out. */
export function layOut(strokes: Strokes): readonly (readonly Piece[])[] {
  const components = chooseInk(strokes);
  const usual = usualSize(components);
  const isBig = (component: Component) =>
    heightOf(component) >= 0.45 * usual || widthOf(component) >= 0.6 * usual;
  const least = 0.02 * Math.max(strokes.width, strokes.height);
  const big = components.filter(
    (component) => isBig(component) && longerSideOf(component) >= least && !hasSoftEdges(component, strokes),
  );
  const small = components.filter((component) => !isBig(component));
  const rows = groupRows(big).map((row) =>
    stack(row.map((component) => toPiece([component, ...partsOf(component, small, big)]))),
  );
  const digits = rows.map((row) => row.filter(({ box }) => !isStraight(box, usual)));
  return (digits.some(({ length }) => length > 0) ? digits : rows).filter(({ length }) => length > 0);
}

/** Whether a piece is an underline or a dash, or a rule beside other ink. */
function isStraight(box: InkBox, usual: number): boolean {
  const [width, height] = [widthOf(box), heightOf(box)];
  return (width >= 4 * height && height < 0.35 * usual) || (height >= 2.2 * usual && height >= 8 * width);
}

/** What is written in frames counts where there are any, as on a form; and what runs along the border is the table. */
function chooseInk({ components, frames, width, height }: Strokes): readonly Component[] {
  const ink = components.filter((component) => !isSurroundings(component, { width, height }));
  const framed = ink.filter((component) => frames.some((frame) => isInside(component, frame)));
  const chosen = framed.some(({ area }) => area >= 8) ? framed : ink;
  const inner = chosen.filter((component) => !runsAlongBorder(component, { width, height }));
  const most = Math.max(0, ...inner.map(({ area }) => area));
  const outer = Math.max(0, ...chosen.map(({ area }) => area));
  return most >= 0.05 * outer ? inner : chosen;
}

/** Whether a component touches the border of a picture that is large enough to show more than a digit. */
function runsAlongBorder(
  { touchesBorder }: Component,
  { width, height }: Pick<Strokes, 'width' | 'height'>,
): boolean {
  return touchesBorder && Math.min(width, height) > 40;
}

/** Whether a component is a shadow or the table: nearly half of its edge is the picture's. No stroke has so much there. */
function isSurroundings(component: Component, size: Pick<Strokes, 'width' | 'height'>): boolean {
  return runsAlongBorder(component, size) && component.contact >= 0.42 * component.outline;
}

/** The size of most of the ink: the median of the components' longer sides, each counted by its area. */
function usualSize(components: readonly Component[]): number {
  const sorted = [...components].sort((one, other) => longerSideOf(one) - longerSideOf(other));
  const half = sorted.reduce((sum, { area }) => sum + area, 0) / 2;
  let sum = 0;
  for (const component of sorted) {
    sum += component.area;
    if (sum >= half) return longerSideOf(component);
  }
  return 0;
}

function toPiece(components: readonly Component[]): Piece {
  return { labels: components.map(({ label }) => label), box: boxAround(components) };
}

/** Small components that belong to a big one: near it, nearer than to any other, and no specks. */
function partsOf(
  component: Component,
  small: readonly Component[],
  big: readonly Component[],
): readonly Component[] {
  return small.filter((part) => {
    const gap = gapBetween(part, component);
    return (
      part.area >= 0.02 * component.area &&
      gap <= 0.25 * longerSideOf(component) &&
      big.every((other) => other === component || gapBetween(part, other) >= gap)
    );
  });
}

/** Components are of one row where half of the lower one's height is beside the other, not too far away. */
function groupRows(components: readonly Component[]): readonly (readonly Component[])[] {
  const rows: Component[][] = [];
  for (const component of components) {
    const joined = rows.filter((row) => row.some((other) => isBeside(component, other)));
    for (const row of joined) rows.splice(rows.indexOf(row), 1);
    rows.push([...joined.flat(), component]);
  }
  const middle = (row: readonly InkBox[]) => {
    const box = boxAround(row);
    return box.top + box.bottom;
  };
  return rows.sort((one, other) => middle(one) - middle(other));
}

function isBeside(one: InkBox, other: InkBox): boolean {
  if (isStack(one, other)) return true;
  const lower = Math.min(heightOf(one), heightOf(other));
  const taller = Math.max(heightOf(one), heightOf(other));
  return sharedRows(one, other) >= 0.5 * lower && gapAcross(one, other) <= 3 * taller;
}

/** Joins what stands above or within each other, as the bar of a 5; sorted from the left. */
function stack(pieces: readonly Piece[]): readonly Piece[] {
  const stacked: Piece[] = [];
  for (const piece of [...pieces].sort((one, other) => one.box.left - other.box.left)) {
    const under = stacked.findIndex(({ box }) => isStack(box, piece.box));
    if (under < 0) stacked.push(piece);
    else {
      const [other] = stacked.splice(under, 1);
      if (other === undefined) continue;
      stacked.push({ labels: [...other.labels, ...piece.labels], box: boxAround([other.box, piece.box]) });
    }
  }
  return stacked.sort((one, other) => one.box.left + one.box.right - other.box.left - other.box.right);
}

/** Whether two are parts of one digit, one above or within the other; whole digits of two rows are none. */
function isStack(one: InkBox, other: InkBox): boolean {
  const lower = Math.min(heightOf(one), heightOf(other));
  const taller = Math.max(heightOf(one), heightOf(other));
  const shared = -gapAcross(one, other) / Math.min(widthOf(one), widthOf(other));
  const gap = gapBetween(one, other) / heightOf(boxAround([one, other]));
  // The bar of a 5 may run on to the right, near the rest.
  return lower < 0.6 * taller && ((shared >= 0.5 && gap <= 0.3) || (shared >= 0.25 && gap <= 0.1));
}
