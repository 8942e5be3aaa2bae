/**
 * Printed lines: rules, the lines of squared paper, underlines, frames. They are straight, thin, nearly level or upright,
 * and run on over much of the picture.
 */

/** A mask of 0 and 1, row by row. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly mask: Uint8Array;
}

/** A nearly level line: at column `x`, from `start` to `end`, it is at `offset + slope * x`. */
export interface Line {
  /** Upright lines have columns for rows and rows for columns. */
  readonly isUpright: boolean;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly slope: number;
}

/** Lines are looked for at this size at most: what is long is seen there, too. */
const searchSide = 160;

/** Steepest lines, as their tangent: 12 degrees, which a photo by hand is hardly turned by more. */
const steepest = 0.21;

/** Share of a line's length that has thin ink of its own. */
const leastHits = 0.5;

/** Finds the lines that are at least `share` of the picture's width or height long, the longest first. */
export function findLines(image: Mask, share: number): readonly Line[] {
  const factor = Math.max(1, Math.ceil(Math.max(image.width, image.height) / searchSide));
  const small = reduceMask(image, factor);
  const level = findLevelLines(small, share * small.width).map((line) => ({ ...line, isUpright: false }));
  const upright = findLevelLines(transpose(small), share * small.height).map((line) => ({
    ...line,
    isUpright: true,
  }));
  return [...level, ...upright]
    .map((line) => ({
      ...line,
      start: line.start * factor,
      end: line.end * factor,
      offset: (line.offset + 0.5) * factor - 0.5 - line.slope * ((factor - 1) / 2),
    }))
    .sort((one, other) => other.end - other.start - (one.end - one.start));
}

/** One pixel for each `factor` x `factor`: 1 where at least one in `factor` of them is. */
function reduceMask({ width, height, mask }: Mask, factor: number): Mask {
  if (factor === 1) return { width, height, mask };
  const reducedWidth = Math.floor(width / factor);
  const reducedHeight = Math.floor(height / factor);
  const reduced = new Uint8Array(reducedWidth * reducedHeight);
  for (let y = 0, to = 0; y < reducedHeight; y++) {
    for (let x = 0; x < reducedWidth; x++, to++) {
      let count = 0;
      for (let row = 0; row < factor; row++) {
        const from = (y * factor + row) * width + x * factor;
        for (let column = 0; column < factor; column++) count += mask[from + column] ?? 0;
      }
      if (count >= factor) reduced[to] = 1;
    }
  }
  return { width: reducedWidth, height: reducedHeight, mask: reduced };
}

export function transpose({ width, height, mask }: Mask): Mask {
  const turned = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) turned[x * height + y] = mask[y * width + x] ?? 0;
  }
  return { width: height, height: width, mask: turned };
}

type LevelLine = Omit<Line, 'isUpright'>;

/** All slopes and offsets are tried; of the segments found, the best are taken until none is left with pixels of its own. */
function findLevelLines(image: Mask, leastLength: number): readonly LevelLine[] {
  const { width, height } = image;
  const thin = markThin(image);
  const candidates: (LevelLine & { readonly hits: number })[] = [];
  const steps = Math.ceil(steepest * width);
  const shifts = new Int32Array(width);
  const thinAbove = countThinAbove(thin, width);
  for (let step = -steps; step <= steps; step++) {
    const slope = step / width;
    for (let x = 0; x < width; x++) shifts[x] = Math.round(slope * x) * width + x;
    const rise = Math.round(slope * (width - 1));
    for (let offset = Math.min(0, -rise); offset < height + Math.max(0, -rise); offset++) {
      // Most of a page is blank: rows with too few pixels of lines need no closer look.
      const [first, last] = [Math.min(offset, offset + rise), Math.max(offset, offset + rise)];
      const available = (thinAbove[Math.min(height, last + 1)] ?? 0) - (thinAbove[Math.max(0, first)] ?? 0);
      if (available < leastHits * leastLength) continue;
      const segment = longestSegment(thin, { shifts, first: offset * width, leastLength });
      if (segment !== undefined) candidates.push({ ...segment, offset, slope });
    }
  }
  candidates.sort((one, other) => other.hits - one.hits);
  const claimed = new Uint8Array(thin.length);
  const lines: LevelLine[] = [];
  for (const line of candidates) {
    let free = 0;
    for (let x = line.start; x < line.end; x++) {
      const at = (line.offset + Math.round(line.slope * x)) * width + x;
      if ((thin[at] ?? 0) === 2 && claimed[at] === 0) free += 1;
    }
    if (free < 0.6 * line.hits) continue;
    claim(claimed, { width, height }, line);
    lines.push(line);
    if (lines.length === 80) break;
  }
  return lines;
}

/** Pixels of 2 or 3 rows on either side belong to a line, too. */
function claim(
  claimed: Uint8Array,
  { width, height }: Pick<Mask, 'width' | 'height'>,
  line: LevelLine,
): void {
  for (let x = line.start; x < line.end; x++) {
    const middle = line.offset + Math.round(line.slope * x);
    for (let y = Math.max(0, middle - 3); y <= Math.min(height - 1, middle + 3); y++)
      claimed[y * width + x] = 1;
  }
}

/** 2 where ink is thin from top to bottom, as a line is; 1 for other ink, as of a stroke that crosses; 0 for paper. */
function markThin({ width, height, mask }: Mask): Uint8Array {
  const most = Math.max(2, Math.round(0.045 * Math.min(width, height)));
  const marks = new Uint8Array(mask.length);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; ) {
      if (mask[y * width + x] === 0) {
        y += 1;
        continue;
      }
      let end = y;
      while (end < height && mask[end * width + x] !== 0) end += 1;
      for (let row = y; row < end; row++) marks[row * width + x] = end - y <= most ? 2 : 1;
      y = end;
    }
  }
  return marks;
}

/** For each row, how many thin pixels the rows above it have; one more for the end. */
function countThinAbove(thin: Uint8Array, width: number): Uint32Array {
  const counts = new Uint32Array(thin.length / width + 1);
  for (let y = 1; y < counts.length; y++) {
    let count = counts[y - 1] ?? 0;
    for (let at = (y - 1) * width; at < y * width; at++) if (thin[at] === 2) count += 1;
    counts[y] = count;
  }
  return counts;
}

/** The longest segment along a sheared row; gaps of a fiftieth of the width are bridged. */
function longestSegment(
  thin: Uint8Array,
  row: { readonly shifts: Int32Array; readonly first: number; readonly leastLength: number },
): { readonly start: number; readonly end: number; readonly hits: number } | undefined {
  const { shifts, first, leastLength } = row;
  const width = shifts.length;
  const mostGap = Math.max(2, 0.02 * width);
  let [start, last, hits] = [-1, -1, 0];
  let best: { readonly start: number; readonly end: number; readonly hits: number } | undefined;
  for (let x = 0; x <= width; x++) {
    const value = x < width ? (thin[first + (shifts[x] ?? 0)] ?? 0) : 0;
    if (value === 2) {
      if (start < 0) [start, hits] = [x, 0];
      hits += 1;
      last = x;
    } else if (value === 1 && start >= 0) last = x;
    if (start >= 0 && (x - last > mostGap || x === width)) {
      const length = last + 1 - start;
      if (length >= leastLength && hits >= leastHits * length && hits > (best?.hits ?? 0)) {
        best = { start, end: last + 1, hits };
      }
      start = -1;
    }
  }
  return best;
}
