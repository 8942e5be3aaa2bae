import zlib from 'node:zlib';
import { describeContent } from './content.ts';
import { DatasetError, type DatasetErrorDetails } from './errors.ts';
import { escapeText, formatCount } from './text.ts';

/** A file in a ZIP archive, as the archive's directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Where its local header starts. */
  readonly offset: number;
}

/**
 * Reads the directory of a ZIP archive (PKWARE's APPNOTE 4.3.12 and 4.3.16; no ZIP64).
 *
 * @throws DatasetError `E_NPZ_FORMAT` where it is none, is cut off or points outside itself.
 */
export function parseZipDirectory(bytes: Uint8Array, archive: string): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(view);
  if (end === undefined) throw zipError(archive, describeMissingEnd(bytes));
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: ZipEntry[] = [];
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) {
      throw zipError(archive, `its directory is damaged at entry ${index + 1} of ${count}`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    entries.push({
      name: new TextDecoder('latin1').decode(bytes.subarray(at + 46, at + 46 + nameBytes)),
      method: view.getUint16(at + 10, true),
      crc32: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      sizeBytes: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** Whether the first bytes of a ZIP archive name a NumPy array. */
export function hasArrays(start: Uint8Array): boolean {
  if (start.length < 30) return false;
  const nameBytes = new DataView(start.buffer, start.byteOffset, start.length).getUint16(26, true);
  return new TextDecoder('latin1').decode(start.subarray(30, 30 + nameBytes)).endsWith('.npy');
}

/** The packed bytes of an entry, as a view. @throws DatasetError `E_NPZ_FORMAT` where they lie outside the archive. */
export function packedEntry(bytes: Uint8Array, entry: ZipEntry, archive: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { offset, packedBytes } = entry;
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== 0x04034b50) {
    throw zipError(archive, `${escapeText(entry.name)} does not start where the directory says`);
  }
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packedBytes > bytes.length) {
    throw zipError(archive, `${escapeText(entry.name)} extends past the end of the archive`);
  }
  return bytes.subarray(start, start + packedBytes);
}

/** The first bytes, at most 4096, of an entry. @throws DatasetError `E_NPZ_FORMAT`. */
export function startOfEntry(packed: Uint8Array, entry: ZipEntry, archive: string): Uint8Array {
  if (entry.method === 0) return packed.subarray(0, 4096);
  if (entry.method !== 8)
    throw zipError(archive, `${escapeText(entry.name)} is packed with the unknown method ${entry.method}`);
  try {
    const finishFlush = zlib.constants.Z_SYNC_FLUSH;
    return zlib.inflateRawSync(packed.subarray(0, 4096), { finishFlush }).subarray(0, 4096);
  } catch (error) {
    throw zipError(archive, `${escapeText(entry.name)} cannot be unpacked`, { cause: error });
  }
}

/**
 * Unpacks an entry whose size was checked, and compares it with the directory's size and CRC-32.
 *
 * @throws DatasetError `E_NPZ_FORMAT`.
 */
export function unpackEntry(packed: Uint8Array, entry: ZipEntry, archive: string): Uint8Array {
  const { sizeBytes } = entry;
  const bytes = entry.method === 0 ? packed : inflate(packed, entry, archive);
  if (bytes.length !== sizeBytes) {
    const sizes = `${formatCount(bytes.length)} of ${formatCount(sizeBytes)} bytes`;
    throw zipError(archive, `${escapeText(entry.name)} has ${sizes}`);
  }
  if (zlib.crc32(bytes) !== entry.crc32) {
    throw zipError(archive, `${escapeText(entry.name)} fails its CRC-32 check`);
  }
  return bytes;
}

/** An `E_NPZ_FORMAT` error whose first line starts with the archive's name. */
export function zipError(archive: string, problem: string, details: DatasetErrorDetails = {}): DatasetError {
  return new DatasetError('E_NPZ_FORMAT', `cannot read ${archive}: ${problem}`, details);
}

function describeMissingEnd(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty (0 bytes)';
  const looks = describeContent(bytes);
  if (looks === 'a ZIP archive') return 'the end of the ZIP archive is missing, it was probably cut off';
  return looks === undefined ? 'it is not a ZIP archive' : `it is not a ZIP archive, it looks like ${looks}`;
}

function findEnd(view: DataView): number | undefined {
  // The end record has 22 bytes and a comment of at most 65,535.
  const lowest = Math.max(0, view.byteLength - 22 - 65_535);
  for (let at = view.byteLength - 22; at >= lowest; at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  return undefined;
}

function inflate(packed: Uint8Array, entry: ZipEntry, archive: string): Uint8Array {
  try {
    return zlib.inflateRawSync(packed, {
      // Deflate packs 1032 to 1 at best: a large size declared by few bytes takes no room.
      chunkSize: Math.max(64, Math.min(entry.sizeBytes + 64, packed.length * 1032 + 64)),
      maxOutputLength: entry.sizeBytes + 1,
    });
  } catch (error) {
    throw zipError(archive, `${escapeText(entry.name)} cannot be unpacked`, { cause: error });
  }
}
