import { createHash } from 'node:crypto';
import { encodeTensorFile, type TensorFile } from '../../src/core/tensor-file.ts';

const hashStart = 16;
const headerStart = 48;

/** A tensor file with its bytes changed and its hash made to fit again: what a forger, not a faulty disk, would leave. */
export function sealChanged(file: TensorFile, change: (bytes: Buffer) => void): Buffer {
  const bytes = encodeTensorFile(file);
  change(bytes);
  return seal(bytes);
}

/** A tensor file with this text as its header and these bytes behind it, the hash fitting. */
export function sealHeader(header: string, body: Uint8Array = new Uint8Array()): Buffer {
  const text = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const bytes = Buffer.concat([Buffer.alloc(headerStart), text, body]);
  bytes.write('MNISTCNN');
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(text.length, 12);
  return seal(bytes);
}

function seal(bytes: Buffer): Buffer {
  const hash = createHash('sha256').update(bytes.subarray(0, hashStart)).update(bytes.subarray(headerStart));
  hash.digest().copy(bytes, hashStart);
  return bytes;
}
