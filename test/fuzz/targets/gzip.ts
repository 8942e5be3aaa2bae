import { createHash } from 'node:crypto';
import zlib from 'node:zlib';
import { gunzip, gunzipStart, isGzip } from '../../../packages/mnist-dataset-loader/src/gunzip.ts';
import { verifyPinned } from '../../../packages/mnist-dataset-loader/src/payload.ts';
import type { SourceFile } from '../../../packages/mnist-dataset-loader/src/sources.ts';
import type { Random } from '../../../src/core/random.ts';
import { encodeIdx } from '../../support/idx.ts';
import { byteMutations, pick } from '../byte-mutations.ts';
import type { Target } from '../target.ts';

const payload = encodeIdx(
  [40],
  Uint8Array.from({ length: 40 }, (_, at) => at % 10),
);
const source: SourceFile = {
  name: 'train-labels-idx1-ubyte',
  split: 'train',
  content: 'labels',
  count: 40,
  sizeBytes: payload.length,
  sha256: createHash('sha256').update(payload).digest('hex'),
};

/** Packed data files whose content is known beforehand. */
export const gzipTarget: Target = {
  name: 'gzip',
  seeds: () => [
    zlib.gzipSync(payload),
    zlib.gzipSync(payload, { level: 0 }),
    Buffer.concat([zlib.gzipSync(payload.subarray(0, 20)), zlib.gzipSync(payload.subarray(20))]),
    Buffer.concat([zlib.gzipSync(payload), Buffer.from('and more')]),
    zlib.gzipSync(Buffer.alloc(100_000)),
    zlib.gzipSync(encodeIdx([1, 28, 28], new Uint8Array(784))),
    Buffer.from('1f8b08', 'hex'),
    // With a name, a comment and a check of the header.
    Buffer.concat([
      Buffer.from('1f8b081e00000000000003', 'hex').subarray(0, 10),
      Buffer.from('0000name\0comment\0'),
      zlib.gzipSync(payload).subarray(10),
    ]),
    payload,
  ],
  run: (bytes) => {
    const start = gunzipStart(bytes, 16);
    if (start.length > 16) throw new Error(`${start.length} bytes of a start of 16`);
    if (isGzip(bytes)) {
      const unpacked = gunzip(bytes, { name: 'some', maxBytes: 1000 });
      if (unpacked.length > 1000) throw new Error(`${unpacked.length} bytes of at most 1,000`);
    }
    const { bytes: verified } = verifyPinned(bytes, 'some.gz', source);
    if (!payload.equals(verified)) throw new Error('verified, and yet another payload');
  },
  errors: ['E_GZIP', 'E_IDX_FORMAT', 'E_CHECKSUM'],
  scripts: ['/src/gunzip.ts', '/src/payload.ts', '/src/idx-header.ts', '/src/digits.ts'],
  mutations: [repack],
  repair: fixTrailer,
  maxBytes: 2048,
};

/** Changes what is packed, and packs it anew. */
export function repack(bytes: Buffer, numbers: Random, other: Buffer): Buffer | undefined {
  const unpacked = unpack(bytes);
  const changed = unpacked === undefined ? undefined : pick(byteMutations, numbers)(unpacked, numbers, other);
  return changed && zlib.gzipSync(changed, { level: pick([0, 1, 9], numbers), windowBits: 9, memLevel: 1 });
}

/** Writes checksum and size of the unpacked data, where the data can be unpacked, into the last eight bytes. */
export function fixTrailer(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 18) return undefined;
  try {
    const unpacked = zlib.inflateRawSync(bytes.subarray(10, -8), { maxOutputLength: 10_000 });
    const fixed = Buffer.from(bytes);
    fixed.writeUInt32LE(zlib.crc32(unpacked), bytes.length - 8);
    fixed.writeUInt32LE(unpacked.length, bytes.length - 4);
    return fixed;
  } catch {
    return undefined;
  }
}

function unpack(bytes: Buffer): Buffer | undefined {
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: 10_000 });
  } catch {
    return undefined;
  }
}
