import type { BmpHeader } from './bmp-header.ts';
import { grayOf, type Samples } from './color.ts';
import type { PixelPlanes } from './gray.ts';
import { createRowReducer } from './row-reducer.ts';
import { type ImageSource, imageError } from './source.ts';

/**
 * Decodes a BMP of any depth, a row at a time: the memory taken is that of the result, whose longer side has at most
 * `maxSide` pixels. Reading past the end cannot happen, since `parseBmpHeader` has checked the sizes.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where a pixel has no color.
 */
export function decodeBmp(source: ImageSource, header: BmpHeader, maxSide: number): PixelPlanes {
  const reducer = createRowReducer(header, maxSide);
  const gray = new Uint8Array(header.width);
  const alpha = new Uint8Array(header.width);
  const hasAlpha = header.channels.length === 4;
  readRows(source, header, (row, colors) => {
    for (let x = 0, at = 0; x < gray.length; x++, at += 4) {
      gray[x] = grayOf(colors[at] ?? 0, colors[at + 1] ?? 0, colors[at + 2] ?? 0);
      alpha[x] = colors[at + 3] ?? 0;
    }
    reducer.addRow(row, gray, hasAlpha ? alpha : undefined);
  });
  return reducer.finish();
}

/**
 * Decodes a BMP of any depth in its own size: red, green, blue and opacity of each pixel.
 *
 * @throws TrainerError as `decodeBmp`.
 */
export function decodeColorBmp(source: ImageSource, header: BmpHeader): Samples {
  const { width, height } = header;
  const data = new Uint8Array(width * height * 4);
  readRows(source, header, (row, colors) => data.set(colors, row * colors.length));
  // Where no pixel is opaque at all, the channel was left unused: many BMP writers fill it with zeros.
  const isUnused = data.every((value, at) => at % 4 !== 3 || value === 0);
  if (isUnused) for (let at = 3; at < data.length; at += 4) data[at] = 255;
  return { width, height, channels: 4, data };
}

/** Takes a row, counted from the top: red, green, blue and opacity of each pixel; the array is filled anew for the next. */
type RowTaker = (row: number, colors: Uint8Array) => void;

function readRows(source: ImageSource, header: BmpHeader, take: RowTaker): void {
  const colors = new Uint8Array(4 * header.width).fill(255);
  const readRow = header.bitsPerPixel <= 8 ? readIndices : readColors;
  for (let row = 0; row < header.height; row++) {
    readRow(source, header, { offset: header.pixelOffset + row * header.rowBytes, colors });
    take(header.isTopDown ? row : header.height - 1 - row, colors);
  }
}

interface Row {
  readonly offset: number;
  readonly colors: Uint8Array;
}

function readIndices(source: ImageSource, header: BmpHeader, { offset, colors }: Row): void {
  const { bitsPerPixel: bits, palette, width } = header;
  const perByte = 8 / bits;
  for (let x = 0; x < width; x++) {
    const byte = source.bytes[offset + Math.floor(x / perByte)] ?? 0;
    const index = (byte >> (8 - bits * ((x % perByte) + 1))) & (2 ** bits - 1);
    if (3 * index >= palette.length) {
      throw imageError(source, `a pixel has color ${index}, its palette ends at ${palette.length / 3 - 1}`);
    }
    for (let color = 0; color < 3; color++) colors[4 * x + color] = palette[3 * index + color] ?? 0;
  }
}

function readColors({ bytes }: ImageSource, header: BmpHeader, { offset, colors }: Row): void {
  const step = header.bitsPerPixel / 8;
  for (const [color, place] of header.channels.entries()) {
    for (let to = color, from = offset + place; to < colors.length; to += 4, from += step) {
      colors[to] = bytes[from] ?? 0;
    }
  }
}
