import type { Strokes } from './find-strokes.ts';
import { heightOf, widthOf } from './ink-box.ts';
import type { Piece } from './lay-out.ts';

/**
 * Cuts pieces that may be several digits that touch, along the paths from top to bottom that cross the least ink. Whether
 * the parts or the whole are digits, the network says. The parts get labels of their own, in a copy of the strokes.
 */
export function cutPieces(
  strokes: Strokes,
  rows: readonly (readonly Piece[])[],
): { readonly strokes: Strokes; readonly rows: readonly (readonly Piece[])[] } {
  const labels = strokes.labels.slice();
  let nextLabel = strokes.components.length + 1;
  const cut = rows.map((row) =>
    row.flatMap((piece) => {
      const seams =
        widthOf(piece.box) < 0.85 * heightOf(piece.box) ? [] : findSeams({ ...strokes, labels }, piece);
      if (seams.length === 0) return [piece];
      const parts = split({ ...strokes, labels }, { piece, seams, firstLabel: nextLabel });
      nextLabel += seams.length + 1;
      return parts.length < 2 ? [{ ...piece, labels: parts.flatMap((part) => part.labels) }] : parts;
    }),
  );
  return { strokes: { ...strokes, labels }, rows: cut };
}

/** For each row of a piece's box, the first column right of the cut. */
type Seam = Int32Array;

/** Parts are at least this wide, in heights; a 1 may be narrow. */
const leastWidth = 0.14;

function findSeams(strokes: Strokes, piece: Piece): readonly Seam[] {
  const height = heightOf(piece.box);
  const step = Math.max(1, Math.round(0.04 * height));
  const found: { readonly seam: Seam; readonly cost: number; readonly x: number }[] = [];
  const ink = inkOf(strokes, piece);
  for (let x = Math.round(leastWidth * height); x <= widthOf(piece.box) - leastWidth * height; x += step) {
    found.push({ ...findSeam(ink, { x, reach: Math.ceil(0.15 * height) }), x });
  }
  const chosen: typeof found = [];
  for (const seam of found.sort((one, other) => one.cost - other.cost)) {
    if (seam.cost > 0.5 * height || chosen.length === 5) break;
    if (chosen.every(({ x }) => Math.abs(x - seam.x) >= 0.18 * height)) chosen.push(seam);
  }
  return chosen.sort((one, other) => one.x - other.x).map(({ seam }) => seam);
}

interface Ink {
  readonly width: number;
  readonly height: number;
  readonly mask: Uint8Array;
}

function inkOf(strokes: Strokes, { box, labels }: Piece): Ink {
  const [width, height] = [widthOf(box), heightOf(box)];
  const own = new Set(labels);
  const mask = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = (box.top + y) * strokes.width + box.left; x < width; x++, at++, to++) {
      if (own.has(strokes.labels[at] ?? 0)) mask[to] = 1;
    }
  }
  return { width, height, mask };
}

/** The path from the top to the bottom near a column that crosses the least ink; steps aside cost a little, too. */
function findSeam(
  { width, height, mask }: Ink,
  { x, reach }: { readonly x: number; readonly reach: number },
): { readonly seam: Seam; readonly cost: number } {
  const left = Math.max(0, x - reach);
  const columns = Math.min(width, x + reach + 1) - left;
  const costs = new Float32Array(columns * height);
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < columns; column++) {
      const here = mask[y * width + left + column] === 1 ? 1 : 0.002 * Math.abs(left + column - x);
      costs[y * columns + column] = here + (y === 0 ? 0 : leastAbove(costs, { columns, y, column }).cost);
    }
  }
  let column = 0;
  for (let at = 0; at < columns; at++) {
    if ((costs[(height - 1) * columns + at] ?? 0) < (costs[(height - 1) * columns + column] ?? 0))
      column = at;
  }
  const cost = costs[(height - 1) * columns + column] ?? 0;
  const seam = new Int32Array(height);
  for (let y = height - 1; y >= 0; y--) {
    seam[y] = left + column;
    if (y > 0) column = leastAbove(costs, { columns, y, column }).column;
  }
  return { seam, cost };
}

function leastAbove(
  costs: Float32Array,
  place: { readonly columns: number; readonly y: number; readonly column: number },
): { readonly cost: number; readonly column: number } {
  const { columns, y, column } = place;
  const above = (y - 1) * columns;
  let best = { cost: costs[above + column] ?? 0, column };
  for (const other of [column - 1, column + 1]) {
    if (other < 0 || other >= columns) continue;
    const cost = (costs[above + other] ?? 0) + 0.05;
    if (cost < best.cost) best = { cost, column: other };
  }
  return best;
}

function split(
  strokes: Strokes,
  {
    piece,
    seams,
    firstLabel,
  }: { readonly piece: Piece; readonly seams: readonly Seam[]; readonly firstLabel: number },
): readonly Piece[] {
  const { box } = piece;
  const own = new Set(piece.labels);
  const boxes = Array.from({ length: seams.length + 1 }, () => ({
    left: box.right,
    top: box.bottom,
    right: box.left,
    bottom: box.top,
  }));
  for (let y = box.top; y < box.bottom; y++) {
    const ends = seams.map((seam) => box.left + (seam[y - box.top] ?? 0));
    for (let x = box.left; x < box.right; x++) {
      const at = y * strokes.width + x;
      if (!own.has(strokes.labels[at] ?? 0)) continue;
      let part = 0;
      for (const end of ends) if (end <= x) part += 1;
      strokes.labels[at] = firstLabel + part;
      const grown = boxes[part];
      if (grown === undefined) continue;
      grown.left = Math.min(grown.left, x);
      grown.top = Math.min(grown.top, y);
      grown.right = Math.max(grown.right, x + 1);
      grown.bottom = Math.max(grown.bottom, y + 1);
    }
  }
  return boxes.flatMap((part, at) =>
    part.right <= part.left ? [] : [{ labels: [firstLabel + at], box: part, whole: box }],
  );
}
