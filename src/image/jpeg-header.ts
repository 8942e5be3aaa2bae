import { checkImageSize, endsEarlyError, type ImageHeader, type ImageSource, imageError } from './source.ts';

/** The markers of a frame, of whatever kind (ITU-T T.81, table B.1): those from C0 to CF but the three of tables. */
const isFrame = (marker: number) => (marker & 0xf0) === 0xc0 && ![0xc4, 0xc8, 0xcc].includes(marker);

const endOfImage = Buffer.of(0xff, 0xd9);

/**
 * Reads a JPEG's size, and looks whether its end is there, before any decoder sees a byte. All else is the decoder's
 * to check.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where it has no frame, ends early or has not 8 bits, `E_IMAGE_TOO_LARGE` beyond
 * 64 MP.
 */
export function parseJpegHeader(source: ImageSource): ImageHeader {
  const bytes = Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.byteLength);
  const frame = findFrame(source, bytes);
  if (frame + 10 > bytes.length) throw endsEarlyError(source);
  const depth = bytes.readUInt8(frame + 4);
  if (depth !== 8) {
    throw imageError(source, `it is a ${depth}-bit JPEG, only 8 bits are supported`, {
      hint: 'Save it as an 8-bit JPEG, or as PNG.',
    });
  }
  const header: ImageHeader = {
    kind: 'jpeg',
    width: bytes.readUInt16BE(frame + 7),
    height: bytes.readUInt16BE(frame + 5),
  };
  checkImageSize(source, header);
  // Some decoders' warnings must be let pass, so that they cannot tell. A preview has its own end, but before the frame.
  if (!bytes.includes(endOfImage, frame)) throw endsEarlyError(source);
  return header;
}

/** The offset of the marker of the first frame. */
function findFrame(source: ImageSource, bytes: Buffer): number {
  for (let offset = 2; ; ) {
    // Any number of fill bytes may stand before a marker.
    while (bytes[offset] === 0xff && bytes[offset + 1] === 0xff) offset++;
    const [first, marker] = [bytes[offset], bytes[offset + 1]];
    if (first === undefined || marker === undefined) throw endsEarlyError(source);
    if (first !== 0xff) {
      const found = first.toString(16).padStart(2, '0').toUpperCase();
      throw imageError(source, `a JPEG marker is expected at byte ${offset}, found 0x${found}`);
    }
    if (marker === 0xd9) throw imageError(source, 'it has no picture before its end marker');
    if (isFrame(marker)) return offset;
    if (offset + 4 > bytes.length) throw endsEarlyError(source);
    offset += 2 + bytes.readUInt16BE(offset + 2);
  }
}
