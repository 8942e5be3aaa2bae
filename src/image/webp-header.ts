import { checkImageSize, endsEarlyError, type ImageHeader, type ImageSource, imageError } from './source.ts';

/**
 * Walks a WebP's chunks and reads the size of canvas and first frame (RFC 9649), before any decoder sees a byte.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where it is damaged or ends early, `E_IMAGE_TOO_LARGE` beyond 64 MP.
 */
export function parseWebpHeader(source: ImageSource): ImageHeader {
  const { bytes } = source;
  if (bytes.length < 20) throw endsEarlyError(source);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizeBytes = view.getUint32(4, true) + 8;
  if (sizeBytes > bytes.length) throw endsEarlyError(source, sizeBytes);
  let canvas: ImageHeader | undefined;
  for (let offset = 12; offset + 8 <= sizeBytes; ) {
    const type = String.fromCharCode(...bytes.subarray(offset, offset + 4));
    const end = offset + 8 + view.getUint32(offset + 4, true);
    if (end > sizeBytes) throw imageError(source, `its WebP chunk at byte ${offset} is longer than the file`);
    const payload = bytes.subarray(offset + 8, end);
    if (type === 'VP8X') canvas = checked(source, parseCanvas(source, payload));
    else if (type === 'ANMF') return canvas ?? checked(source, undefined);
    else if (type === 'VP8 ') return sameAsCanvas(source, canvas, parseLossy(source, payload));
    else if (type === 'VP8L') return sameAsCanvas(source, canvas, parseLossless(source, payload));
    offset = end + (end % 2);
  }
  return checked(source, undefined);
}

type Size = Pick<ImageHeader, 'width' | 'height'>;

function checked(source: ImageSource, size: Size | undefined): ImageHeader {
  if (size === undefined) throw imageError(source, 'it contains no WebP picture');
  const header: ImageHeader = { kind: 'webp', ...size };
  checkImageSize(source, header);
  return header;
}

function sameAsCanvas(source: ImageSource, canvas: Size | undefined, frame: Size): ImageHeader {
  const header = checked(source, frame);
  if (canvas !== undefined && (canvas.width !== frame.width || canvas.height !== frame.height)) {
    throw imageError(
      source,
      `its WebP canvas has ${canvas.width} x ${canvas.height} pixels, its picture ${frame.width} x ${frame.height}`,
    );
  }
  return header;
}

function parseCanvas(source: ImageSource, payload: Uint8Array): Size {
  if (payload.length < 10) throw imageError(source, 'its WebP canvas header is too short');
  return { width: 1 + littleEndian(payload, 4, 3), height: 1 + littleEndian(payload, 7, 3) };
}

function parseLossy(source: ImageSource, payload: Uint8Array): Size {
  const isKeyFrame = payload.length >= 10 && (littleEndian(payload, 0, 1) & 1) === 0;
  if (!isKeyFrame || littleEndian(payload, 3, 3) !== 0x2a019d) {
    throw imageError(source, 'its WebP picture does not start with a key frame');
  }
  return { width: littleEndian(payload, 6, 2) & 0x3fff, height: littleEndian(payload, 8, 2) & 0x3fff };
}

function parseLossless(source: ImageSource, payload: Uint8Array): Size {
  if (payload.length < 5 || payload[0] !== 0x2f) {
    throw imageError(source, 'its lossless WebP picture has no signature');
  }
  const bits = littleEndian(payload, 1, 4);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

function littleEndian(bytes: Uint8Array, offset: number, count: number): number {
  let value = 0;
  for (let at = count - 1; at >= 0; at--) value = value * 256 + (bytes[offset + at] ?? 0);
  return value;
}
