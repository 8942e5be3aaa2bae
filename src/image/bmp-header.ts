import { formatCount } from '../core/files.ts';
import { checkImageSize, endsEarlyError, type ImageHeader, type ImageSource, imageError } from './source.ts';

/** All that a BMP's headers say, checked against the bytes that are there. */
export interface BmpHeader extends ImageHeader {
  /** 1, 4 or 8 with a palette, 24 or 32 without. */
  readonly bitsPerPixel: number;
  readonly isTopDown: boolean;
  /** Red, green and blue, 0 to 255, of each palette entry; empty without a palette. */
  readonly palette: Uint8Array;
  /** Which byte of a pixel of 24 or 32 bits is red, green, blue and, where there is one, opacity. */
  readonly channels: readonly number[];
  readonly pixelOffset: number;
  /** Bytes from one row to the next. */
  readonly rowBytes: number;
}

/** Sizes of the header after the file header, of Windows 3 to 5. */
const headerSizes = [40, 52, 56, 108, 124];

/** Those of OS/2. */
const otherHeaderSizes = [12, 16, 64];

/**
 * Reads a BMP's headers and palette, and checks that all the pixels they promise are there.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where it is damaged, ends early or is of a kind that is not read,
 * `E_IMAGE_TOO_LARGE` beyond 64 MP.
 */
export function parseBmpHeader(source: ImageSource): BmpHeader {
  const { bytes } = source;
  if (bytes.length < 18) throw endsEarlyError(source);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(14, true);
  if (otherHeaderSizes.includes(headerBytes)) throw otherKindError(source, 'an OS/2 bitmap');
  if (!headerSizes.includes(headerBytes)) {
    throw imageError(source, `its BMP header claims ${formatCount(headerBytes)} bytes, expected 40 to 124`);
  }
  if (bytes.length < 14 + headerBytes) throw endsEarlyError(source);
  const signedHeight = view.getInt32(22, true);
  const size: ImageHeader = {
    kind: 'bmp',
    width: view.getInt32(18, true),
    height: Math.abs(signedHeight),
  };
  checkImageSize(source, size);
  const bitsPerPixel = view.getUint16(28, true);
  const coding = view.getUint32(30, true);
  checkCoding(source, coding, bitsPerPixel);
  const pixelOffset = view.getUint32(10, true);
  const rowBytes = Math.ceil((size.width * bitsPerPixel) / 32) * 4;
  checkPixelBytes(source, { start: pixelOffset, count: rowBytes * size.height, headerBytes });
  return {
    ...size,
    bitsPerPixel,
    isTopDown: signedHeight < 0,
    palette: bitsPerPixel > 8 ? new Uint8Array(0) : parsePalette(source, view, bitsPerPixel),
    channels: coding === 0 ? [2, 1, 0] : parseMasks(source, view, coding),
    pixelOffset,
    rowBytes,
  };
}

function checkCoding(source: ImageSource, coding: number, bitsPerPixel: number): void {
  if (coding === 0 && [1, 4, 8, 24, 32].includes(bitsPerPixel)) return;
  if ((coding === 3 || coding === 6) && bitsPerPixel === 32) return;
  const codings = ['uncompressed', 'RLE8', 'RLE4', 'bit-field', 'JPEG', 'PNG', 'bit-field'];
  throw otherKindError(source, `${codings[coding] ?? `coding ${coding}`} with ${bitsPerPixel} bits a pixel`);
}

function otherKindError(source: ImageSource, kind: string) {
  return imageError(source, `it is ${kind}, an unsupported kind of BMP`, {
    hint: 'Save it as a BMP of 24 bits, or as PNG.',
  });
}

function checkPixelBytes(
  source: ImageSource,
  pixels: { readonly start: number; readonly count: number; readonly headerBytes: number },
): void {
  if (pixels.start < 14 + pixels.headerBytes) {
    throw imageError(source, `its pixels start at byte ${pixels.start}, inside the BMP header`);
  }
  const end = pixels.start + pixels.count;
  if (end > source.bytes.length) throw endsEarlyError(source, end);
}

function parsePalette(source: ImageSource, view: DataView, bitsPerPixel: number): Uint8Array {
  const declared = view.getUint32(46, true);
  const most = 2 ** bitsPerPixel;
  if (declared > most) {
    throw imageError(source, `its palette has ${formatCount(declared)} colors, ${most} are possible`);
  }
  const start = 14 + view.getUint32(14, true);
  const room = Math.floor((view.getUint32(10, true) - start) / 4);
  const count = Math.min(declared === 0 ? most : declared, room);
  if (count < 1) throw imageError(source, 'it has no palette');
  const palette = new Uint8Array(3 * count);
  for (let index = 0; index < count; index++) {
    const at = start + index * 4;
    palette.set([view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at)], 3 * index);
  }
  return palette;
}

/** With the oldest header the masks follow it; in the later ones they are part of it, at the same place. */
function parseMasks(source: ImageSource, view: DataView, coding: number): readonly number[] {
  const hasAlpha = view.getUint32(14, true) >= 56 || coding === 6;
  if (view.byteLength < 54 + (hasAlpha ? 16 : 12)) throw endsEarlyError(source);
  const masks = [54, 58, 62].map((at) => view.getUint32(at, true));
  const alpha = hasAlpha ? view.getUint32(66, true) : 0;
  const places = [...masks, ...(alpha === 0 ? [] : [alpha])].map((mask) =>
    [0xff, 0xff00, 0xff0000, 0xff000000].indexOf(mask),
  );
  if (places.includes(-1)) throw imageError(source, 'its BMP color masks are not whole bytes');
  return places;
}
