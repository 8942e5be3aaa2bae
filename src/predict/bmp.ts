import { type BmpHeader, grayOf } from './bmp-header.ts';
import { decodeRunLengths } from './bmp-runs.ts';
import type { PixelPlanes } from './gray-image.ts';
import { type ImageSource, imageError } from './image-source.ts';
import { createRowReducer } from './row-reducer.ts';

/**
 * Decodes a BMP of any depth, a row at a time: the memory taken is that of the result, whose longer side has at most
 * `maxSide` pixels. Reading past the end cannot happen, since `parseBmpHeader` has checked the sizes.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where run-length data are damaged or end early, or a pixel has no color.
 */
export function decodeBmp(source: ImageSource, header: BmpHeader, maxSide: number): PixelPlanes {
  const reducer = createRowReducer(header, maxSide);
  const gray = new Uint8Array(header.width);
  const alpha = new Uint8Array(header.width).fill(255);
  const hasAlpha = header.bitsPerPixel > 8 && header.masks.alpha !== 0;
  const add = (row: number) =>
    reducer.addRow(header.isTopDown ? row : header.height - 1 - row, gray, hasAlpha ? alpha : undefined);
  if (header.compression !== 'none') {
    const indices = new Uint8Array(header.width);
    decodeRunLengths(source, header, {
      row: indices,
      done: (row) => {
        for (let x = 0; x < header.width; x++) gray[x] = grayOfIndex(source, header, indices[x] ?? 0);
        add(row);
      },
    });
    return reducer.finish();
  }
  const readRow = createRowReader(source, header);
  for (let row = 0; row < header.height; row++) {
    readRow(header.pixelOffset + row * header.rowBytes, gray, alpha);
    add(row);
  }
  return reducer.finish();
}

type RowReader = (offset: number, gray: Uint8Array, alpha: Uint8Array) => void;

function createRowReader(source: ImageSource, header: BmpHeader): RowReader {
  if (header.bitsPerPixel <= 8) return createIndexReader(source, header);
  if (header.bitsPerPixel === 24) return createColorReader(source);
  return createMaskReader(source, header);
}

function createIndexReader(source: ImageSource, header: BmpHeader): RowReader {
  const { bytes } = source;
  const bits = header.bitsPerPixel;
  const perByte = 8 / bits;
  return (offset, gray) => {
    for (let x = 0; x < gray.length; x++) {
      const byte = bytes[offset + Math.floor(x / perByte)] ?? 0;
      const index = (byte >> (8 - bits * ((x % perByte) + 1))) & (2 ** bits - 1);
      gray[x] = grayOfIndex(source, header, index);
    }
  };
}

function grayOfIndex(source: ImageSource, header: BmpHeader, index: number): number {
  const value = header.paletteGray[index];
  if (value === undefined) {
    throw imageError(
      source,
      `a pixel has color ${index}, its palette ends at ${header.paletteGray.length - 1}`,
    );
  }
  return value;
}

function createColorReader(source: ImageSource): RowReader {
  const { bytes } = source;
  return (offset, gray) => {
    for (let x = 0, at = offset; x < gray.length; x++, at += 3) {
      gray[x] = grayOf(bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0);
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
  return (offset, gray, alpha) => {
    for (let x = 0; x < gray.length; x++) {
      const pixel = wide ? view.getUint32(offset + x * 4, true) : view.getUint16(offset + x * 2, true);
      gray[x] = grayOf(red(pixel), green(pixel), blue(pixel));
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
