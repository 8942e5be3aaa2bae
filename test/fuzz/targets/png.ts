import { crc32 } from 'node:zlib';
import type { Random } from '../../../src/core/random.ts';
import { detectImageKind } from '../../../src/image/kind.ts';
import { parsePng } from '../../../src/image/png-header.ts';
import { drawSeven, encodePng, joinPng, pngHeader } from '../../support/pictures.ts';
import { pick } from '../byte-mutations.ts';
import type { Target } from '../target.ts';

const size = { width: 9, height: 9 };
const pixels = Buffer.from('789c6360801b0000510001', 'hex');

/** A PNG's chunks, up to what is handed to the decoder. */
export const pngTarget: Target = {
  name: 'png',
  seeds: () => [
    encodePng(drawSeven(12, 16)),
    joinPng([
      ['IHDR', pngHeader({ ...size, colorType: 3 })],
      ['PLTE', Buffer.alloc(6)],
      ['tRNS', Buffer.alloc(2)],
      ['zTXt', Buffer.from('key\0\0bomb')],
      ['IDAT', pixels],
      ['IDAT', pixels],
      ['IEND', Buffer.alloc(0)],
    ]),
    joinPng([['IHDR', pngHeader({ ...size, depth: 16, colorType: 6 })]]),
    joinPng([
      ['IHDR', pngHeader({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 })],
      ['IEND', Buffer.alloc(0)],
    ]),
    Buffer.from('GIF89a'),
    Buffer.from('\xff\xd8\xff\xe0', 'latin1'),
    Buffer.from('RIFF\0\0\0\0WEBPVP8 '),
    Buffer.from('BM\0\0\0\0\0\0\0\0\0\0\0\0(\0\0\0'),
    Buffer.from('<!DOCTYPE html><html>'),
    Buffer.from('\0\0\0\x18ftypavif', 'latin1'),
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'),
    Buffer.from('\0\0\0\x18ftypheic', 'latin1'),
  ],
  run: (bytes) => {
    const source = { name: 'a.png', bytes };
    if (detectImageKind(source) !== 'png') return;
    const { header, bytes: kept } = parsePng(source);
    const again = parsePng({ ...source, bytes: kept });
    if (!kept.every((byte, at) => byte === again.bytes[at]))
      throw new Error('parsed again, it is another picture');
    if (header.width * header.height > 64e6) throw new Error('more than 64 MP');
  },
  errors: ['E_IMAGE_FORMAT', 'E_IMAGE_TOO_LARGE'],
  scripts: ['src/image/png-header.ts', 'src/image/kind.ts', 'src/image/source.ts'],
  mutations: [moveChunks],
  words: ['IHDR', 'IDAT', 'IEND', 'acTL', 'fdAT', '\0\0\0\0', '\x89PNG\r\n\x1a\n'],
  repair: fixCheckSums,
};

/** Drops, repeats, or moves a chunk. */
function moveChunks(bytes: Buffer, numbers: Random): Buffer | undefined {
  const chunks = listChunks(bytes);
  const at = numbers.integer(Math.max(1, chunks.length));
  const chunk = chunks[at];
  if (chunk === undefined) return undefined;
  const part = bytes.subarray(chunk.start, chunk.end);
  const all = chunks.map(({ start, end }) => bytes.subarray(start, end));
  const to = numbers.integer(chunks.length);
  const moved = pick(
    [all.toSpliced(at, 1), all.toSpliced(to, 0, part), all.toSpliced(at, 1).toSpliced(to, 0, part)],
    numbers,
  );
  return Buffer.concat([bytes.subarray(0, 8), ...moved]);
}

/** Makes the checksum of each whole chunk fit. */
function fixCheckSums(bytes: Buffer): Buffer {
  const fixed = Buffer.from(bytes);
  for (const { start, end } of listChunks(bytes)) {
    fixed.writeUInt32BE(crc32(bytes.subarray(start + 4, end - 4)), end - 4);
  }
  return fixed;
}

function listChunks(bytes: Buffer): readonly { readonly start: number; readonly end: number }[] {
  const chunks = [];
  for (let start = 8; start + 12 <= bytes.length; ) {
    const end = start + 12 + bytes.readUInt32BE(start);
    if (end > bytes.length) break;
    chunks.push({ start, end });
    start = end;
  }
  return chunks;
}
