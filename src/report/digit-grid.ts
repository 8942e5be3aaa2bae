import { TrainerError } from '../core/errors.ts';
import { formatCount } from '../core/files.ts';
import { encodePixels, escapeXml, fontFamily, formatSvg, type Picture, renderPng } from './png.ts';

/** One digit of a grid. */
export interface DigitCell {
  /** Ink, [28, 28] row-major or two digits [28, 56], from 0 black paper to 255 white ink. */
  readonly pixels: Uint8Array;
  /** The lines of text under the digit, each of about 13 characters at most. */
  readonly caption: readonly string[];
}

/** How a grid of digits is laid out. */
export interface DigitGridOptions {
  readonly title: string;
  /** Digits in a row; from 12 to 20 by default, so that many digits stay wider than high. */
  readonly columns?: number;
  /** The most digits drawn; a note counts those left out. 300 by default. */
  readonly limit?: number;
}

/**
 * Draws digits as MNIST holds them, white on black, three units a pixel, each over its caption.
 *
 * @throws TrainerError `E_INTERNAL` where a digit has not 784 pixels, nor the 1,568 of two.
 */
export async function renderDigitGrid(
  cells: readonly DigitCell[],
  options: DigitGridOptions,
): Promise<Picture> {
  const shown = cells.slice(0, options.limit ?? 300);
  // Of all cells: a grid holds digits or pairs.
  const cellWidth = ((shown[0]?.pixels.length ?? 784) / 784) * DIGIT_SIZE;
  const broad =
    Math.min(20, Math.max(12, Math.ceil(Math.sqrt(shown.length * 1.3)))) * (DIGIT_SIZE / cellWidth);
  const columns = Math.min(options.columns ?? Math.ceil(broad), Math.max(1, shown.length));
  const captionLines = Math.max(0, ...shown.map(({ caption }) => caption.length));
  const cellHeight = DIGIT_SIZE + captionLines * LINE_HEIGHT + GAP;
  const places = shown.map((_, index) => ({
    x: MARGIN + (index % columns) * (cellWidth + GAP),
    y: MARGIN + TITLE_HEIGHT + Math.floor(index / columns) * cellHeight,
  }));
  const digits = await Promise.all(
    shown.map((cell, index) => drawDigit(cell, places[index] ?? { x: 0, y: 0 })),
  );
  const note = noteOf(cells.length - shown.length);
  const bottom = MARGIN + TITLE_HEIGHT + Math.ceil(shown.length / columns) * cellHeight;
  const width = Math.max(
    2 * MARGIN + columns * (cellWidth + GAP) - GAP,
    2 * MARGIN + Math.ceil(options.title.length * TITLE_CHARACTER_WIDTH),
  );
  const height = bottom - GAP + MARGIN + (note === '' ? 0 : TITLE_HEIGHT);
  const svg = formatSvg(width, height, [
    `<style>text{font-family:${fontFamily};font-size:11px;text-anchor:middle}.word{font-size:15px;font-weight:bold;text-anchor:start}</style>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text class="word" x="${MARGIN}" y="${MARGIN + 15}">${escapeXml(options.title)}</text>`,
    ...digits,
    ...(note === '' ? [] : [`<text class="word" x="${MARGIN}" y="${bottom + 12}">${note}</text>`]),
  ]);
  return { svg, png: await renderPng(svg) };
}

/** Draws one digit alone, white on black, each of its pixels a square of `scale`. */
export async function renderDigit(pixels: Uint8Array, scale: number): Promise<Picture> {
  const side = 28 * scale;
  const svg = formatSvg(side, side, [await drawPixels(pixels, { x: 0, y: 0, side })]);
  const { default: sharp } = await import('sharp');
  const raw = { width: 28, height: 28, channels: 1 as const };
  const enlarged = sharp(pixels, { raw }).resize(side, side, { kernel: 'nearest' });
  return { svg, png: await enlarged.toColorspace('b-w').png().toBuffer() };
}

const DIGIT_SIZE = 3 * 28;
const GAP = 12;
const MARGIN = 16;
const LINE_HEIGHT = 14;
const TITLE_HEIGHT = 30;
const TITLE_CHARACTER_WIDTH = 10;

interface Place {
  readonly x: number;
  readonly y: number;
}

async function drawDigit({ pixels, caption }: DigitCell, { x, y }: Place): Promise<string> {
  const image = await drawPixels(pixels, { x, y, side: DIGIT_SIZE });
  const lines = caption.map((line, row) => {
    const baseline = y + DIGIT_SIZE + (row + 1) * LINE_HEIGHT - 2;
    return `<text x="${x + (widthOf(pixels) * DIGIT_SIZE) / 56}" y="${baseline}">${escapeXml(line)}</text>`;
  });
  return [image, ...lines].join('\n');
}

/** The pixels as an image element of a height of `side`. */
async function drawPixels(
  pixels: Uint8Array,
  { x, y, side }: Place & { readonly side: number },
): Promise<string> {
  const width = widthOf(pixels);
  if (width !== 28 && width !== 56) {
    throw new TrainerError('E_INTERNAL', `cannot draw a digit: ${pixels.length} pixels, expected 784`);
  }
  const png = await encodePixels({ width, height: 28, channels: 1, pixels });
  return `<image x="${x}" y="${y}" width="${(side * width) / 28}" height="${side}" style="image-rendering:pixelated" href="data:image/png;base64,${png.toString('base64')}"/>`;
}

function widthOf(pixels: Uint8Array): number {
  return pixels.length / 28;
}

function noteOf(leftOut: number): string {
  return leftOut === 0 ? '' : `${formatCount(leftOut)} more are not drawn`;
}
