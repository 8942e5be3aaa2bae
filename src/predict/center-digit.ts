import { type EvenedImage, evenLight } from './even-light.ts';
import { type FoundInk, findInk, type InkBox } from './find-ink.ts';
import { frameDigit, type InkPatch, pixelsPerCell } from './frame-digit.ts';
import { type GrayImage, halveImage, mapToBytes } from './gray-image.ts';
import { measureThickness, thicken } from './stroke-width.ts';

/** A picture on its way to 28 x 28, stage by stage. */
export interface CenteredDigit {
  readonly image: GrayImage;
  /** Paper and light taken out, ink light on black. */
  readonly evened: GrayImage;
  /** Ink 255, paper 0. */
  readonly mask: GrayImage;
  /** Where the ink is; `undefined` in a blank picture. */
  readonly box: InkBox | undefined;
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
  const reduced = halveImage(image);
  const stages = readStages(reduced);
  if (reduced === image) return stages;
  // A digit that is small in a large picture, or too faint to be seen in half of it, needs all its pixels.
  const { box } = stages;
  const isSmall = box === undefined || Math.max(box.right - box.left, box.bottom - box.top) < 60;
  return isSmall ? readStages(image) : stages;
}

function readStages(image: GrayImage): CenteredDigit {
  const evened = evenLight(image);
  const found = findInk(evened);
  if (found === undefined) {
    const empty = { ...image, pixels: new Uint8Array(image.pixels.length) };
    return { image, evened: empty, mask: empty, box: undefined, framed: new Uint8Array(784), blank: true };
  }
  return {
    image,
    evened: { ...image, pixels: mapToBytes(evened.ink, (value) => toByte(value / found.level)) },
    mask: { ...image, pixels: mapToBytes(found.mask, (value) => value * 255) },
    box: found.box,
    framed: keepFramed(image) ?? frameInk(evened, found),
    blank: false,
  };
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
  const patch = cutInk(evened, found);
  const cell = pixelsPerCell(found.box);
  const thickness = measureThickness({ ...evened, mask: found.mask }) / cell;
  if (thickness >= thinStroke) return frameDigit(patch, found.box);
  const radius = ((usualStroke - thickness) / 2) * cell;
  const box = {
    left: found.box.left - radius,
    top: found.box.top - radius,
    right: found.box.right + radius,
    bottom: found.box.bottom + radius,
  };
  return frameDigit(thicken(patch, radius), box);
}

/** Ink of 0 to 1 at the digit's strokes and their soft edges, 0 elsewhere. */
function cutInk(evened: EvenedImage, found: FoundInk): InkPatch {
  const { width, height, ink } = evened;
  const reach = Math.max(1, Math.ceil(0.75 * pixelsPerCell(found.box)));
  const near = growMask({ width, height, mask: found.mask }, reach);
  const floor = Math.max(evened.noise * 1.5, 0.06 * found.level);
  return {
    width,
    height,
    ink: ink.map((value, at) => (near[at] === 0 || value < floor ? 0 : Math.min(1, value / found.level))),
  };
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

function toByte(share: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, share)));
}
