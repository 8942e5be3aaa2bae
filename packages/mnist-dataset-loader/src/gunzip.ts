import zlib from 'node:zlib';
import { DatasetError } from './errors.ts';
import { formatCount, formatErrno } from './text.ts';

/** Whether bytes start as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip into one buffer and stops at the first byte beyond `maxBytes`.
 *
 * @throws DatasetError `E_GZIP` where the stream ends early, fails its check or is larger than `maxBytes`.
 */
export function gunzip(
  bytes: Uint8Array,
  { name, maxBytes }: { readonly name: string; readonly maxBytes: number },
): Buffer {
  try {
    // One chunk as large as the result: unpacked in place, copied nowhere, and (unlike
    // the asynchronous call) never a second chunk. Deflate packs 1032 to 1 at best, so that
    // a large size declared by few bytes takes no room.
    const chunkSize = Math.max(64, Math.min(maxBytes + 1, bytes.length * 1032 + 64));
    return zlib.gunzipSync(bytes, { chunkSize, maxOutputLength: maxBytes });
  } catch (error) {
    throw gzipError(error, name, maxBytes);
  }
}

/** The first `sizeBytes` bytes of a gzip file, or fewer where its first KiB does not hold them. */
export function gunzipStart(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  try {
    // A KiB unpacks to a MiB at most, so that no bomb goes off here.
    const start = bytes.subarray(0, 1024);
    return zlib.gunzipSync(start, { finishFlush: zlib.constants.Z_SYNC_FLUSH }).subarray(0, sizeBytes);
  } catch {
    // What is wrong with it, `gunzip` says.
    return new Uint8Array(0);
  }
}

function gzipError(error: unknown, name: string, maxBytes: number): DatasetError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    const expected = formatCount(maxBytes);
    return new DatasetError(
      'E_GZIP',
      `cannot unpack ${name}: it is larger than the expected ${expected} bytes`,
      {
        expected: `at most ${maxBytes}`,
        actual: `more than ${maxBytes}`,
        cause: error,
      },
    );
  }
  if (code === 'Z_BUF_ERROR') {
    return new DatasetError('E_GZIP', `cannot unpack ${name}: the gzip data ends early`, {
      hint: 'The download was probably cut off: fetch it again.',
      cause: error,
    });
  }
  return new DatasetError('E_GZIP', `cannot unpack ${name}: the gzip check failed (${formatErrno(error)})`, {
    hint: 'The file is probably damaged: fetch it again.',
    cause: error,
  });
}
