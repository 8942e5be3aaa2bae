import { checkImageSize, endsEarlyError, type ImageHeader, type ImageSource, imageError } from './source.ts';

/** Kinds of JPEG that the decoder reads, by their frame marker (ITU-T T.81, table B.1). */
const readableFrames = new Set([0xc0, 0xc1, 0xc2]);

const otherFrames: Readonly<Record<number, string>> = {
  0xc3: 'a lossless JPEG',
  0xc5: 'a hierarchical JPEG',
  0xc6: 'a hierarchical JPEG',
  0xc7: 'a hierarchical JPEG',
  0xc9: 'an arithmetic-coded JPEG',
  0xca: 'an arithmetic-coded JPEG',
  0xcb: 'an arithmetic-coded JPEG',
  0xcd: 'a hierarchical JPEG',
  0xce: 'a hierarchical JPEG',
  0xcf: 'a hierarchical JPEG',
};

/** A progressive JPEG has about ten scans; thousands of them over a large frame keep a decoder busy for hours. */
const maxScans = 200;

/**
 * Walks a JPEG's markers up to its end marker, through the scans, before any decoder sees a byte.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where it is damaged, ends early or is of a kind that is not read (12-bit,
 * lossless), `E_IMAGE_TOO_LARGE` beyond 64 MP.
 */
export function parseJpegHeader(source: ImageSource): ImageHeader {
  const { bytes } = source;
  let header: ImageHeader | undefined;
  let scans = 0;
  for (let offset = 2; ; ) {
    const marker = markerAt(source, offset);
    if (marker.code === 0xd9) {
      if (header === undefined || scans === 0)
        throw imageError(source, 'it has no picture before its end marker');
      return header;
    }
    const end = segmentEnd(source, marker.end);
    if (marker.code >= 0xc0 && marker.code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker.code)) {
      if (header !== undefined) throw imageError(source, 'it has two JPEG frame headers');
      header = parseFrame(source, marker.code, bytes.subarray(marker.end, end));
    }
    if (marker.code === 0xda) {
      scans += 1;
      if (header === undefined) throw imageError(source, 'a JPEG scan comes before the frame header');
      if (scans > maxScans) throw imageError(source, `it has more than ${maxScans} JPEG scans`);
      offset = scanEnd(source, end);
    } else offset = end;
  }
}

function markerAt(source: ImageSource, offset: number): { readonly code: number; readonly end: number } {
  const { bytes } = source;
  if (offset >= bytes.length) throw endsEarlyError(source);
  if (bytes[offset] !== 0xff) {
    throw imageError(source, `a JPEG marker is expected at byte ${offset}, found 0x${hex(bytes[offset])}`);
  }
  let at = offset + 1;
  // Any number of fill bytes may stand before a marker.
  while (bytes[at] === 0xff) at++;
  const code = bytes[at];
  if (code === undefined) throw endsEarlyError(source);
  if (code < 0xc0 || code === 0xd8 || (code >= 0xd0 && code <= 0xd7)) {
    throw imageError(source, `JPEG marker 0x${hex(code)} at byte ${offset} is out of place`);
  }
  return { code, end: at + 1 };
}

function segmentEnd(source: ImageSource, offset: number): number {
  const { bytes } = source;
  const high = bytes[offset];
  const low = bytes[offset + 1];
  if (high === undefined || low === undefined) throw endsEarlyError(source);
  const sizeBytes = high * 256 + low;
  if (sizeBytes < 2) throw imageError(source, `a JPEG segment at byte ${offset} has an impossible length`);
  if (offset + sizeBytes > bytes.length) throw endsEarlyError(source);
  return offset + sizeBytes;
}

/** Offset of the first marker after entropy-coded data; 0xFF00 is a data byte and RST markers belong to the scan. */
function scanEnd(source: ImageSource, start: number): number {
  const { bytes } = source;
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw endsEarlyError(source);
}

function parseFrame(source: ImageSource, code: number, segment: Uint8Array): ImageHeader {
  const other = otherFrames[code];
  if (!readableFrames.has(code)) {
    throw imageError(source, `it is ${other ?? 'a JPEG of an unknown kind'}, which is not supported`, {
      hint: 'Save it as a baseline or progressive JPEG, or as PNG.',
    });
  }
  const [, , depth = 0, heightHigh = 0, heightLow = 0, widthHigh = 0, widthLow = 0, components = 0] = segment;
  if (segment.length < 8 || segment.length !== 8 + 3 * components || components < 1 || components > 4) {
    throw imageError(source, 'its JPEG frame header has a wrong length');
  }
  if (depth !== 8) {
    throw imageError(source, `it is a ${depth}-bit JPEG, only 8 bits are supported`, {
      hint: 'Save it as an 8-bit JPEG, or as PNG.',
    });
  }
  const header: ImageHeader = {
    kind: 'jpeg',
    width: widthHigh * 256 + widthLow,
    height: heightHigh * 256 + heightLow,
  };
  checkImageSize(source, header);
  return header;
}

function hex(byte = 0): string {
  return byte.toString(16).padStart(2, '0').toUpperCase();
}
