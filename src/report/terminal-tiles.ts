import { type ColorScale, grayAt } from './color-scale.ts';
import { formatImage } from './half-block.ts';
import type { Plane } from './tile-picture.ts';

/** Rows of tiles, all of one size, to be drawn as text. */
export interface TileText {
  readonly scale: ColorScale;
  readonly rows: readonly (readonly Plane[])[];
  /** Whether escapes for grays may be used. */
  readonly color: boolean;
  /** The most columns of text; 80 by default. */
  readonly columns?: number;
  /** The most rows of tiles; 8 by default. */
  readonly limit?: number;
}

/**
 * Draws tiles as text, black at the low end of their scale and white at its high end. Small tiles are enlarged and large
 * ones reduced to about 12 columns each. A single row continues in the lines below it; of several, what does not fit is
 * left out, and `isWhole` is false.
 */
export function formatTiles(tiles: TileText): { readonly text: string; readonly isWhole: boolean } {
  const { color, columns = 80, limit = 8 } = tiles;
  const tileWidth = tiles.rows[0]?.[0]?.width ?? 1;
  const enlarged = Math.max(1, Math.floor(12 / tileWidth));
  const reduced = Math.max(1, Math.round(tileWidth / 14));
  const fitting = Math.max(1, Math.floor((columns * reduced + GAP) / (tileWidth * enlarged + GAP)));
  const [only = []] = tiles.rows;
  const rows = tiles.rows.length === 1 ? wrapTiles(only, fitting) : tiles.rows;
  const texts = rows.slice(0, limit).map((planes) => {
    const image = joinPlanes(planes.slice(0, fitting), tiles.scale, enlarged);
    return formatImage(image.pixels, { ...image, color, columns: Math.ceil(image.width / reduced) });
  });
  const isWhole = rows.length <= limit && rows.every(({ length }) => length <= fitting);
  return { text: texts.join('\n\n'), isWhole };
}

/** Which values are black and white in tiles drawn as text: "black -0.12, white 0.12". */
export function formatGrayRange({ low, high }: ColorScale): string {
  return `black ${Number(low.toPrecision(3))}, white ${Number(high.toPrecision(3))}`;
}

/** A list in rows of `columns` each, the last with the rest. */
export function wrapTiles<Item>(items: readonly Item[], columns: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / columns) }, (_, row) =>
    items.slice(row * columns, (row + 1) * columns),
  );
}

/** Columns of black between two tiles. */
const GAP = 2;

/** Planes side by side as one gray image. */
function joinPlanes(planes: readonly Plane[], scale: ColorScale, enlarged: number) {
  const [first] = planes;
  const [tileWidth, height] = [(first?.width ?? 0) * enlarged, (first?.height ?? 0) * enlarged];
  const width = planes.length * (tileWidth + GAP) - GAP;
  const pixels = new Uint8Array(width * height);
  planes.forEach((plane, index) => {
    const left = index * (tileWidth + GAP);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < tileWidth; x++) {
        const at = Math.floor(y / enlarged) * plane.width + Math.floor(x / enlarged);
        pixels[y * width + left + x] = grayAt(scale, plane.values[at] ?? 0);
      }
    }
  });
  return { pixels, width, height };
}
