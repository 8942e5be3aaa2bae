import { checkImageSize, endsEarlyError, type ImageHeader, type ImageSource, imageError } from './source.ts';

/**
 * Reads a WebP's size off its first chunk (RFC 9649), and looks whether all its bytes are there, before any decoder sees
 * one. All else is the decoder's to check.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where it is no picture or ends early, `E_IMAGE_TOO_LARGE` beyond 64 MP.
 */
export function parseWebpHeader(source: ImageSource): ImageHeader {
  const bytes = Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.byteLength);
  if (bytes.length < 12) throw endsEarlyError(source);
  const sizeBytes = bytes.readUInt32LE(4) + 8;
  if (sizeBytes > bytes.length) throw endsEarlyError(source, sizeBytes);
  if (bytes.length < 30) throw endsEarlyError(source);
  const header: ImageHeader = { kind: 'webp', ...readSize(source, bytes) };
  checkImageSize(source, header);
  return header;
}

function readSize(source: ImageSource, bytes: Buffer): Pick<ImageHeader, 'width' | 'height'> {
  const type = bytes.toString('latin1', 12, 16);
  // The canvas; a picture or frame beyond it is refused by the decoder.
  if (type === 'VP8X') return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
  if (type === 'VP8 ') {
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  }
  if (type !== 'VP8L') throw imageError(source, 'it contains no WebP picture');
  const bits = bytes.readUInt32LE(21);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}
