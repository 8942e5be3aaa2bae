import path from 'node:path';
import { checkDigitHeader } from './digits.ts';
import { gunzip, gunzipStart, isGzip } from './gunzip.ts';
import { idxError, parseIdxHeader } from './idx-header.ts';
import { hash, type Payload, withPath } from './payload.ts';
import { readRegularFile } from './read-file.ts';
import { escapeText, formatCount } from './text.ts';

/** More images than this are not read from the user's own data: 784 MB. */
export const maxImages = 1_000_000;

const maxBytes = 16 + maxImages * 784;

/**
 * Reads an IDX file of digits or labels whose content is not known beforehand, plain or packed. What its header
 * declares is checked before room is made for it.
 *
 * @throws DatasetError `E_NO_INPUT`, `E_GZIP` or `E_IDX_FORMAT`, with the file's path.
 */
export function loadOwn(file: string, content: 'images' | 'labels'): Payload {
  return withPath(file, () => {
    const name = escapeText(path.basename(file));
    const bytes = readRegularFile(file, maxBytes);
    const payload = isGzip(bytes) ? unpack(bytes, content, name) : bytes;
    return { file, fileBytes: bytes.length, bytes: payload, sha256: hash(payload) };
  });
}

function unpack(bytes: Uint8Array, content: 'images' | 'labels', name: string): Uint8Array {
  // A header of 255 dimensions, at most.
  const start = gunzipStart(bytes, 1024);
  // Too few bytes, or a stream too broken to show them: unpacking shows which.
  if (start.length < 16) return gunzip(bytes, { name, maxBytes: 16 });
  const header = parseIdxHeader(start, name);
  checkDigitHeader(header, content, name);
  if (header.sizeBytes > maxBytes) {
    const [count = 0] = header.shape;
    throw idxError(
      name,
      `it declares ${formatCount(count)} ${content}, at most ${formatCount(maxImages)} are read`,
    );
  }
  return gunzip(bytes, { name, maxBytes: header.sizeBytes });
}
