import { crc32 } from 'node:zlib';
import { escapeText } from '../core/errors.ts';
import { checkImageSize, endsEarlyError, type ImageHeader, type ImageSource, imageError } from './source.ts';

/** A PNG's header and the bytes that a decoder needs: the first picture alone, without any ancillary data. */
export interface PngPicture {
  readonly header: ImageHeader;
  /** Signature, IHDR, PLTE, tRNS, eXIf, IDAT and IEND; text, color profiles, later frames and what follows are left out. */
  readonly bytes: Uint8Array;
}

/** The chunks passed on. The others may be bombs (zTXt, iTXt, iCCP inflate), and none changes what digit it is. */
const keptChunks = new Set(['IHDR', 'PLTE', 'tRNS', 'eXIf', 'IDAT', 'IEND']);

/**
 * Walks a PNG's chunks up to IEND and checks length and CRC of each, before any decoder sees a byte. What is in them is
 * the decoder's to check.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` where it is damaged or ends early, `E_IMAGE_TOO_LARGE` beyond 64 MP.
 */
export function parsePng(source: ImageSource): PngPicture {
  const { bytes } = source;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  let header: ImageHeader | undefined;
  for (let offset = 8; ; ) {
    if (offset + 8 > bytes.length) throw endsEarlyError(source);
    const sizeBytes = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    const end = offset + 12 + sizeBytes;
    if (header === undefined && (type !== 'IHDR' || sizeBytes !== 13)) {
      throw imageError(source, 'its first PNG chunk is not an IHDR of 13 bytes');
    }
    if (end > bytes.length) throw endsEarlyError(source);
    checkCrc(source, { offset, end, type });
    header ??= parseSize(source, view);
    if (keptChunks.has(type)) kept.push(bytes.subarray(offset, end));
    if (type === 'IEND') return { header, bytes: Buffer.concat(kept) };
    offset = end;
  }
}

function parseSize(source: ImageSource, view: DataView): ImageHeader {
  const header: ImageHeader = { kind: 'png', width: view.getUint32(16), height: view.getUint32(20) };
  checkImageSize(source, header);
  return header;
}

function checkCrc(
  source: ImageSource,
  chunk: { readonly offset: number; readonly end: number; readonly type: string },
): void {
  const stored = new DataView(source.bytes.buffer, source.bytes.byteOffset + chunk.end - 4, 4).getUint32(0);
  const actual = crc32(source.bytes.subarray(chunk.offset + 4, chunk.end - 4));
  if (stored === actual) return;
  throw imageError(
    source,
    `the checksum of its ${escapeText(chunk.type)} chunk is ${hex(actual)}, expected ${hex(stored)}`,
    { expected: hex(stored), actual: hex(actual), hint: 'The file was probably damaged in transit.' },
  );
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
