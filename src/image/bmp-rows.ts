import type { BmpHeader } from './bmp-header.ts';
import { decodeRunLengths } from './bmp-runs.ts';
import { type ImageSource, imageError } from './source.ts';

/**
 * Takes a row, counted from the top: red, green and blue of each pixel, 0 to 255 and not rounded, and opacity where the
 * picture has it. The arrays are refilled for the next row.
 */
export type BmpRowTaker = (row: number, colors: Float64Array, alpha: Uint8Array | undefined) => void;

/**
 * Reads a BMP of any depth a row at a time, in the order of the file.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where run-length data are damaged or end early, or a pixel has no color.
 */
export function readBmpRows(source: ImageSource, header: BmpHeader, take: BmpRowTaker): void {
  const colors = new Float64Array(3 * header.width);
  const alpha = new Uint8Array(header.width).fill(255);
  const hasAlpha = header.bitsPerPixel > 8 && header.masks.alpha !== 0;
  const add = (row: number) =>
    take(header.isTopDown ? row : header.height - 1 - row, colors, hasAlpha ? alpha : undefined);
  if (header.compression !== 'none') {
    const indices = new Uint8Array(header.width);
    const draw = createPalettePen(source, header);
    decodeRunLengths(source, header, {
      row: indices,
      done: (row) => {
        for (let x = 0; x < header.width; x++) draw(colors, x, indices[x] ?? 0);
        add(row);
      },
    });
    return;
  }
  const readRow = createRowReader(source, header);
  for (let row = 0; row < header.height; row++) {
    readRow(header.pixelOffset + row * header.rowBytes, colors, alpha);
    add(row);
  }
}

type RowReader = (offset: number, colors: Float64Array, alpha: Uint8Array) => void;

function createRowReader(source: ImageSource, header: BmpHeader): RowReader {
  if (header.bitsPerPixel <= 8) return createIndexReader(source, header);
  if (header.bitsPerPixel === 24) return createColorReader(source);
  return createMaskReader(source, header);
}

function createIndexReader(source: ImageSource, header: BmpHeader): RowReader {
  const { bytes } = source;
  const bits = header.bitsPerPixel;
  const perByte = 8 / bits;
  const draw = createPalettePen(source, header);
  return (offset, colors) => {
    for (let x = 0; x < header.width; x++) {
      const byte = bytes[offset + Math.floor(x / perByte)] ?? 0;
      const index = (byte >> (8 - bits * ((x % perByte) + 1))) & (2 ** bits - 1);
      draw(colors, x, index);
    }
  };
}

/** Writes a palette's color as pixel `x` of a row. */
function createPalettePen(source: ImageSource, { palette }: BmpHeader) {
  return (colors: Float64Array, x: number, index: number) => {
    const from = 3 * index;
    if (from >= palette.length) {
      throw imageError(source, `a pixel has color ${index}, its palette ends at ${palette.length / 3 - 1}`);
    }
    for (let color = 0; color < 3; color++) colors[3 * x + color] = palette[from + color] ?? 0;
  };
}

function createColorReader(source: ImageSource): RowReader {
  const { bytes } = source;
  return (offset, colors) => {
    for (let to = 0, from = offset; to < colors.length; to += 3, from += 3) {
      colors[to] = bytes[from + 2] ?? 0;
      colors[to + 1] = bytes[from + 1] ?? 0;
      colors[to + 2] = bytes[from] ?? 0;
    }
  };
}

function createMaskReader(source: ImageSource, header: BmpHeader): RowReader {
  const view = new DataView(source.bytes.buffer, source.bytes.byteOffset, source.bytes.byteLength);
  const red = createChannel(header.masks.red);
  const green = createChannel(header.masks.green);
  const blue = createChannel(header.masks.blue);
  const opacity = header.masks.alpha === 0 ? () => 255 : createChannel(header.masks.alpha);
  const wide = header.bitsPerPixel === 32;
  return (offset, colors, alpha) => {
    for (let x = 0, to = 0; x < alpha.length; x++, to += 3) {
      const pixel = wide ? view.getUint32(offset + x * 4, true) : view.getUint16(offset + x * 2, true);
      colors[to] = red(pixel);
      colors[to + 1] = green(pixel);
      colors[to + 2] = blue(pixel);
      alpha[x] = opacity(pixel);
    }
  };
}

/** Reads one bit field of a pixel and spreads it over 0 to 255. */
function createChannel(mask: number): (pixel: number) => number {
  const shift = 31 - Math.clz32(mask & -mask);
  const largest = mask >>> shift;
  return (pixel) => (((pixel & mask) >>> shift) * 255) / largest;
}
