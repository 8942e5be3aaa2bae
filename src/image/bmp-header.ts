import {
  checkImageSize,
  endsEarlyError,
  formatNumber,
  type ImageHeader,
  type ImageSource,
  imageError,
} from './source.ts';

/** Bit masks of the channels of a 16- or 32-bit BMP; 0 where there is no such channel. */
export interface BmpMasks {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

/** All that a BMP's headers say, checked against the bytes that are there. */
export interface BmpHeader extends ImageHeader {
  readonly bitsPerPixel: number;
  readonly compression: 'none' | 'rle8' | 'rle4';
  readonly isTopDown: boolean;
  /** Red, green and blue, 0 to 255, of each palette entry; empty without a palette. */
  readonly palette: Uint8Array;
  /** Only with 16 and 32 bits. */
  readonly masks: BmpMasks;
  readonly pixelOffset: number;
  /** Bytes from one row to the next; 0 with run-length coding. */
  readonly rowBytes: number;
}

/** Sizes of the header after the file header: OS/2 1, then Windows 3 to 5, and OS/2 2. */
const headerSizes = [12, 40, 52, 56, 64, 108, 124];

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
  if (!headerSizes.includes(headerBytes)) {
    throw imageError(source, `its BMP header claims ${formatNumber(headerBytes)} bytes, expected 12 to 124`);
  }
  if (bytes.length < 14 + headerBytes) throw endsEarlyError(source);
  const isCore = headerBytes === 12;
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const size: ImageHeader = {
    kind: 'bmp',
    width: isCore ? view.getUint16(18, true) : view.getInt32(18, true),
    height: Math.abs(signedHeight),
  };
  checkImageSize(source, size);
  const bitsPerPixel = view.getUint16(isCore ? 24 : 28, true);
  const coding = isCore ? 0 : view.getUint32(30, true);
  const compression = parseCompression(source, coding, bitsPerPixel);
  const isTopDown = signedHeight < 0;
  if (isTopDown && compression !== 'none') {
    throw imageError(source, 'it is a top-down BMP with run-length coding, which the format forbids');
  }
  const pixelOffset = view.getUint32(10, true);
  const rowBytes = compression === 'none' ? Math.ceil((size.width * bitsPerPixel) / 32) * 4 : 0;
  checkPixelBytes(source, { ...size, pixelOffset, rowBytes, headerBytes });
  return {
    ...size,
    bitsPerPixel,
    compression,
    isTopDown,
    palette: bitsPerPixel > 8 ? new Uint8Array(0) : parsePalette(source, view, bitsPerPixel),
    masks: parseMasks(source, view, { coding, bitsPerPixel }),
    pixelOffset,
    rowBytes,
  };
}

function parseCompression(
  source: ImageSource,
  coding: number,
  bitsPerPixel: number,
): BmpHeader['compression'] {
  if (coding === 1 && bitsPerPixel === 8) return 'rle8';
  if (coding === 2 && bitsPerPixel === 4) return 'rle4';
  const isPlain = coding === 0 && [1, 4, 8, 16, 24, 32].includes(bitsPerPixel);
  const isMasked = (coding === 3 || coding === 6) && [16, 32].includes(bitsPerPixel);
  if (isPlain || isMasked) return 'none';
  const codings = ['uncompressed', 'RLE8', 'RLE4', 'bit-field', 'JPEG', 'PNG', 'bit-field'];
  throw imageError(
    source,
    `it is ${codings[coding] ?? `coding ${coding}`} with ${bitsPerPixel} bits a pixel, an unsupported kind of BMP`,
    { hint: 'Save it as a BMP of 24 bits, or as PNG.' },
  );
}

function checkPixelBytes(
  source: ImageSource,
  layout: {
    readonly width: number;
    readonly height: number;
    readonly pixelOffset: number;
    readonly rowBytes: number;
    readonly headerBytes: number;
  },
): void {
  const { pixelOffset, rowBytes, height, width } = layout;
  if (pixelOffset < 14 + layout.headerBytes) {
    throw imageError(source, `its pixels start at byte ${pixelOffset}, inside the BMP header`);
  }
  const thereBytes = source.bytes.length;
  if (pixelOffset >= thereBytes) throw endsEarlyError(source, pixelOffset + Math.max(1, rowBytes * height));
  if (pixelOffset + rowBytes * height > thereBytes)
    throw endsEarlyError(source, pixelOffset + rowBytes * height);
  // A run of two bytes fills 255 pixels at most; a picture with far more pixels than that is a bomb.
  const pixels = width * height;
  const runBytes = thereBytes - pixelOffset;
  if (rowBytes === 0 && pixels > 65_536 + 1024 * runBytes) {
    throw imageError(
      source,
      `${formatNumber(runBytes)} bytes of run-length data cannot fill ${formatNumber(pixels)} pixels`,
    );
  }
}

function parsePalette(source: ImageSource, view: DataView, bitsPerPixel: number): Uint8Array {
  const headerBytes = view.getUint32(14, true);
  const entryBytes = headerBytes === 12 ? 3 : 4;
  const declared = headerBytes === 12 ? 0 : view.getUint32(46, true);
  const most = 2 ** bitsPerPixel;
  if (declared > most) {
    throw imageError(source, `its palette has ${formatNumber(declared)} colors, ${most} are possible`);
  }
  const start = 14 + headerBytes;
  const room = Math.floor((view.getUint32(10, true) - start) / entryBytes);
  const count = Math.min(declared === 0 ? most : declared, room);
  if (count < 1) throw imageError(source, 'it has no palette');
  const palette = new Uint8Array(3 * count);
  for (let index = 0; index < count; index++) {
    const at = start + index * entryBytes;
    palette.set([view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at)], 3 * index);
  }
  return palette;
}

function parseMasks(
  source: ImageSource,
  view: DataView,
  format: { readonly coding: number; readonly bitsPerPixel: number },
): BmpMasks {
  const { coding, bitsPerPixel } = format;
  if (coding !== 3 && coding !== 6) {
    return bitsPerPixel === 16
      ? { red: 0x7c00, green: 0x03e0, blue: 0x001f, alpha: 0 }
      : { red: 0xff0000, green: 0x00ff00, blue: 0x0000ff, alpha: 0 };
  }
  const headerBytes = view.getUint32(14, true);
  // With the oldest header the masks follow it; in the later ones they are part of it, at the same place.
  const hasAlpha = headerBytes >= 56 && headerBytes !== 64 ? true : coding === 6;
  if (view.byteLength < 54 + (hasAlpha ? 16 : 12)) throw endsEarlyError(source);
  const masks = {
    red: view.getUint32(54, true),
    green: view.getUint32(58, true),
    blue: view.getUint32(62, true),
    alpha: hasAlpha ? view.getUint32(66, true) : 0,
  };
  const isWhole = [masks.red, masks.green, masks.blue].every((mask) => mask !== 0 && isContiguous(mask));
  if (!isWhole || !isContiguous(masks.alpha))
    throw imageError(source, 'its BMP color masks are not whole bit fields');
  return masks;
}

function isContiguous(mask: number): boolean {
  const binary = mask.toString(2);
  return /^1*0*$/.test(binary);
}
