import type { Strokes } from './find-strokes.ts';
import { frameDigit, type InkPatch, pixelsPerCell } from './frame-digit.ts';
import { growMask } from './grow-mask.ts';
import { boxAround, heightOf, type InkBox, widthOf } from './ink-box.ts';
import type { Piece } from './lay-out.ts';
import { measureThickness, thicken } from './stroke-width.ts';

/** MNIST's strokes are 2 to 4 pixels of the 20 wide; a thin pen's are made as wide as its thinner ones. */
const thinStroke = 1.5;
const usualStroke = 2.2;

/** Frames the ink of some pieces as one digit of MNIST: [28, 28], light on black. */
export function frameInk(strokes: Strokes, pieces: readonly Piece[]): Uint8Array {
  const box = boxAround(pieces.map((piece) => piece.box));
  const cell = pixelsPerCell(box);
  const reach = Math.max(1, Math.ceil(0.75 * cell));
  const labels = pieces.flatMap((piece) => piece.labels);
  const cut = cutDigit(strokes, { labels, box, margin: 2 * reach });
  const patch = liftInk(cut, reach);
  const thickness = measureThickness(cut) / cell;
  if (thickness < thinStroke) return frameThin(patch, cut.box, (usualStroke - thickness) / 2);
  return cell < smallCell ? frameSmall(patch, cut.box) : frameDigit(patch, cut.box);
}

/** Pixels of the 20 are seen as steps where a pixel of the picture is nearly as large, or larger. */
const smallCell = 0.9;

/** Enlarges a tiny digit smoothly, to at least three pixels for each of the 20. */
function frameSmall(patch: InkPatch, box: InkBox): Uint8Array {
  const factor = Math.ceil(3 / pixelsPerCell(box));
  const large = enlargePatch(patch, factor);
  return frameDigit(large, {
    left: box.left * factor,
    top: box.top * factor,
    right: box.right * factor,
    bottom: box.bottom * factor,
  });
}

/** Bilinear between the middles of pixels; beyond the patch there is no ink. */
function enlargePatch({ width, height, ink }: InkPatch, factor: number): InkPatch {
  const inkAt = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : (ink[y * width + x] ?? 0);
  const large = new Float32Array(width * height * factor * factor);
  for (let row = 0, to = 0; row < height * factor; row++) {
    const y = (row + 0.5) / factor - 0.5;
    const top = Math.floor(y);
    for (let column = 0; column < width * factor; column++, to++) {
      const x = (column + 0.5) / factor - 0.5;
      const left = Math.floor(x);
      const upper = inkAt(left, top) * (1 - x + left) + inkAt(left + 1, top) * (x - left);
      const lower = inkAt(left, top + 1) * (1 - x + left) + inkAt(left + 1, top + 1) * (x - left);
      const between = upper * (1 - y + top) + lower * (y - top);
      // What enlarging spreads around a stroke is taken back, so that it stays as wide as it was.
      large[to] = Math.min(1, Math.max(0, (between - 0.15) / 0.75));
    }
  }
  return { width: width * factor, height: height * factor, ink: large };
}

/** Widens strokes by a radius, in cells; at 4 pixels a cell or a few more, whatever the size of the picture. */
function frameThin(patch: InkPatch, box: InkBox, radius: number): Uint8Array {
  const factor = Math.max(1, Math.floor(pixelsPerCell(box) / 4));
  const small = reducePatch(patch, factor);
  const reach = radius * (pixelsPerCell(box) / factor);
  return frameDigit(thicken(small, reach), {
    left: box.left / factor - reach,
    top: box.top / factor - reach,
    right: box.right / factor + reach,
    bottom: box.bottom / factor + reach,
  });
}

/** Averages over squares; a thin stroke keeps its ink, so that it does not fade. */
function reducePatch(patch: InkPatch, factor: number): InkPatch {
  if (factor === 1) return patch;
  const width = Math.ceil(patch.width / factor);
  const height = Math.ceil(patch.height / factor);
  const ink = new Float32Array(width * height);
  for (let y = 0; y < patch.height; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < patch.width; x++) {
      const to = row + Math.floor(x / factor);
      ink[to] = (ink[to] ?? 0) + (patch.ink[y * patch.width + x] ?? 0) / factor;
    }
  }
  return { width, height, ink: ink.map((value) => Math.min(1, value)) };
}

/** The surroundings of a digit: what is beyond them plays no part any more. */
interface DigitCut {
  readonly width: number;
  readonly height: number;
  readonly ink: Float32Array;
  readonly mask: Uint8Array;
  readonly box: InkBox;
  /** Gray levels of full ink, and those below which all is paper. */
  readonly level: number;
  readonly floor: number;
}

function cutDigit(
  strokes: Strokes,
  digit: { readonly labels: readonly number[]; readonly box: InkBox; readonly margin: number },
): DigitCut {
  const { level } = strokes;
  const { box, margin } = digit;
  const own = new Set(digit.labels);
  // Beyond the picture there is paper, so that strokes at its border can be thickened too.
  const width = widthOf(box) + 2 * margin;
  const height = heightOf(box) + 2 * margin;
  const ink = new Float32Array(width * height);
  const mask = new Uint8Array(width * height);
  const left = Math.max(0, box.left - margin);
  const right = Math.min(strokes.width, box.right + margin);
  for (let y = Math.max(0, box.top - margin); y < Math.min(strokes.height, box.bottom + margin); y++) {
    let from = y * strokes.width + left;
    let to = (y - box.top + margin) * width + left - box.left + margin;
    for (let x = left; x < right; x++, from++, to++) {
      const label = strokes.labels[from] ?? 0;
      if (label === 0) ink[to] = strokes.ink[from] ?? 0;
      else if (own.has(label)) [ink[to], mask[to]] = [strokes.ink[from] ?? 0, 1];
    }
  }
  const moved = { left: margin, top: margin, right: width - margin, bottom: height - margin };
  const floor = Math.max(1.5 * strokes.noise, 0.06 * level);
  return { width, height, ink, mask, box: moved, level, floor };
}

/** Ink of 0 to 1 at the digit's strokes and their soft edges, 0 elsewhere. */
function liftInk(cut: DigitCut, reach: number): InkPatch {
  const { width, height, level, floor } = cut;
  const near = growMask(cut, reach);
  const ink = new Float32Array(cut.ink.length);
  for (let at = 0; at < ink.length; at++) {
    const value = cut.ink[at] ?? 0;
    if (near[at] === 1 && value >= floor) ink[at] = Math.min(1, value / level);
  }
  return { width, height, ink };
}
