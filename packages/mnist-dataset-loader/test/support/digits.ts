import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { formatIdxHeader } from '../../src/idx.ts';
import { mnistFiles, type SourceFile } from '../../src/sources.ts';

/** A small database: its table, and the unpacked bytes of each file by name. */
export interface SmallDatabase {
  readonly sources: readonly SourceFile[];
  readonly payloads: ReadonlyMap<string, Buffer>;
}

/** An unpacked IDX file of `count` images of noise, the same each time. */
export function createImageFile(count: number): Buffer {
  const pixels = Buffer.alloc(count * 784);
  let state = count;
  for (let index = 0; index < pixels.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[index] = state >>> 24;
  }
  return Buffer.concat([formatIdxHeader([count, 28, 28]), pixels]);
}

/** An unpacked IDX file of the labels 0 to 9 in turn. */
export function createLabelFile(count: number): Buffer {
  return Buffer.concat([
    formatIdxHeader([count]),
    Uint8Array.from({ length: count }, (_, index) => index % 10),
  ]);
}

/** A database like MNIST of 30 training and 20 test images. */
export function createSmallDatabase(): SmallDatabase {
  const payloads = new Map<string, Buffer>();
  const sources = mnistFiles.map((file) => {
    const count = file.split === 'train' ? 30 : 20;
    const payload = file.content === 'images' ? createImageFile(count) : createLabelFile(count);
    payloads.set(file.name, payload);
    return { ...file, count, sizeBytes: payload.length, sha256: sha256(payload) };
  });
  return { sources, payloads };
}

/** Writes the files of a database into a folder, packed, as its mirrors have them. */
export function writeDatabase({ payloads }: SmallDatabase, folder: string): void {
  for (const [name, payload] of payloads) {
    fs.writeFileSync(path.join(folder, `${name}.gz`), zlib.gzipSync(payload));
  }
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The bytes with one changed. */
export function withByte(bytes: Uint8Array, index: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[index] = value;
  return changed;
}
