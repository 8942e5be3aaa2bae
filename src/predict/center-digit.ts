import { cropImage, type GrayImage, halveImage } from '../image/gray.ts';
import { type EvenedImage, evenLight } from './even-light.ts';
import { type FoundInk, findInk, type InkBox } from './find-ink.ts';
import { findSheet } from './find-sheet.ts';
import { frameDigit, type InkPatch, pixelsPerCell } from './frame-digit.ts';
import { measureThickness, thicken } from './stroke-width.ts';

/** A picture's digit and what was found on the way to it. */
export interface CenteredDigit {
  readonly image: GrayImage;
  /** Paper and light taken out. */
  readonly evened: EvenedImage;
  /** Where the ink is; `undefined` in a blank picture. */
  readonly found: FoundInk | undefined;
  /** `[28, 28]`, ink light on black as in MNIST. */
  readonly framed: Uint8Array;
  /** Whether no ink was found: there is no digit to read then. */
  readonly blank: boolean;
}

/**
 * Does to a picture what MNIST's makers did: finds the polarity, takes out paper and uneven light, finds the ink, scales
 * its box to 20 x 20 by area averages and centers it by mass in 28 x 28. A picture framed like that already is kept.
 */
export function centerDigit(image: GrayImage): CenteredDigit {
  const halved = halveImage(image);
  const digit = findDigit(halved);
  if (halved === image) return digit;
  // A digit that is small in a large picture, or too faint to be seen in half of it, needs all its pixels.
  const box = digit.found?.box;
  const isSmall = box === undefined || Math.max(box.right - box.left, box.bottom - box.top) < 60;
  return isSmall ? findDigit(image) : digit;
}

/** Looks on the sheet alone where the picture shows the table around it, too. */
function findDigit(image: GrayImage): CenteredDigit {
  const digit = findInkOn(image);
  const sheet = digit.found === undefined ? undefined : findSheet(image, digit.found);
  if (sheet === undefined) return digit;
  const onSheet = findInkOn(cropImage(image, sheet));
  // What touches the sheet's border is the table's rest, or the digit's own stroke around what looked like a sheet.
  return onSheet.found?.touchesBorder === false ? onSheet : digit;
}

function findInkOn(image: GrayImage): CenteredDigit {
  const evened = evenLight(image);
  const found = findInk(evened);
  if (found === undefined) return { image, evened, found, framed: new Uint8Array(784), blank: true };
  return { image, evened, found, framed: keepFramed(image) ?? frameInk(evened, found), blank: false };
}

/** The picture itself, ink light on black, where it has MNIST's framing: nothing may blur it a second time. */
function keepFramed(image: GrayImage): Uint8Array | undefined {
  if (image.width !== 28 || image.height !== 28) return undefined;
  const paper = image.pixels[0];
  if (paper !== 0 && paper !== 255) return undefined;
  const ink = paper === 0 ? image.pixels : image.pixels.map((value) => 255 - value);
  let [mass, massX, massY, left, right, top, bottom] = [0, 0, 0, 28, 0, 28, 0];
  ink.forEach((value, at) => {
    if (value === 0) return;
    const x = at % 28;
    const y = Math.floor(at / 28);
    mass += value;
    massX += value * (x + 0.5);
    massY += value * (y + 0.5);
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  const longer = Math.max(right - left, bottom - top);
  const isCentered = Math.abs(massX / mass - 14.5) <= 0.75 && Math.abs(massY / mass - 14.5) <= 0.75;
  return isCentered && longer >= 18 && longer <= 20 ? ink : undefined;
}

/** MNIST's strokes are 2 to 4 pixels of the 20 wide; a thin pen's are made as wide as its thinner ones. */
const thinStroke = 1.5;
const usualStroke = 2.2;

function frameInk(evened: EvenedImage, found: FoundInk): Uint8Array {
  const cell = pixelsPerCell(found.box);
  const reach = Math.max(1, Math.ceil(0.75 * cell));
  const cut = cutDigit(evened, found, 2 * reach);
  const patch = liftInk(cut, reach);
  const thickness = measureThickness(cut) / cell;
  if (thickness >= thinStroke) return frameDigit(patch, cut.box);
  const radius = ((usualStroke - thickness) / 2) * cell;
  const box = {
    left: cut.box.left - radius,
    top: cut.box.top - radius,
    right: cut.box.right + radius,
    bottom: cut.box.bottom + radius,
  };
  return frameDigit(thicken(patch, radius), box);
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

function cutDigit(evened: EvenedImage, found: FoundInk, margin: number): DigitCut {
  const { level, box } = found;
  // Beyond the picture there is paper, so that strokes at its border can be thickened too.
  const width = box.right - box.left + 2 * margin;
  const height = box.bottom - box.top + 2 * margin;
  const ink = new Float32Array(width * height);
  const mask = new Uint8Array(width * height);
  const left = Math.max(0, box.left - margin);
  const right = Math.min(evened.width, box.right + margin);
  for (let y = Math.max(0, box.top - margin); y < Math.min(evened.height, box.bottom + margin); y++) {
    const from = y * evened.width;
    const to = (y - box.top + margin) * width + left - box.left + margin;
    ink.set(evened.ink.subarray(from + left, from + right), to);
    mask.set(found.mask.subarray(from + left, from + right), to);
  }
  const moved = { left: margin, top: margin, right: width - margin, bottom: height - margin };
  return { width, height, ink, mask, box: moved, level, floor: Math.max(evened.noise * 1.5, 0.06 * level) };
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

/** The mask with all pixels added that are at most `reach` away in both directions. */
function growMask(
  image: { readonly width: number; readonly height: number; readonly mask: Uint8Array },
  reach: number,
): Uint8Array {
  const { width, height, mask } = image;
  const across = new Uint8Array(mask.length);
  const grown = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] === 0) continue;
      across.fill(1, y * width + Math.max(0, x - reach), y * width + Math.min(width, x + reach + 1));
    }
  }
  for (let y = 0; y < height; y++) {
    const from = Math.max(0, y - reach);
    const to = Math.min(height - 1, y + reach);
    for (let x = 0; x < width; x++) {
      if (across[y * width + x] === 0) continue;
      for (let row = from; row <= to; row++) grown[row * width + x] = 1;
    }
  }
  return grown;
}
