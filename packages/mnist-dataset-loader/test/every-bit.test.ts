import zlib from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { parseImages, parseLabels } from '../src/digits.ts';
import { gunzip } from '../src/gunzip.ts';
import { createImageFile, createLabelFile, withByte } from './support/digits.ts';
import { errorOf, failureOf } from './support/errors.ts';

const images = createImageFile(2);
const labels = createLabelFile(10);
const packed = zlib.gzipSync(images);
const unpack = (bytes: Uint8Array) => gunzip(bytes, { name: 'a.gz', maxBytes: images.length });

afterEach(() => vi.restoreAllMocks());

/** The error words of a reader for all of the inputs, each word once. */
async function codesOf(
  read: (bytes: Buffer) => unknown,
  inputs: Iterable<Buffer>,
): Promise<readonly string[]> {
  const codes = new Set<string>();
  for (const bytes of inputs) codes.add((await errorOf(() => read(bytes))).code);
  return [...codes];
}

/** The bytes with each bit from `start` to before `end` flipped, one at a time. */
function* flipBits(bytes: Buffer, start: number, end: number): Generator<Buffer> {
  for (let bit = start * 8; bit < end * 8; bit++) {
    yield withByte(bytes, bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
  }
}

/** The bytes cut to each length. */
function* cut(bytes: Buffer): Generator<Buffer> {
  for (let length = 0; length < bytes.length; length++) yield bytes.subarray(0, length);
}

test('refuses an image file with any bit of its header flipped', async () => {
  expect(await codesOf((bytes) => parseImages(bytes, 'a'), flipBits(images, 0, 16))).toEqual([
    'E_IDX_FORMAT',
  ]);
});

test('refuses a label file with any bit of its header flipped', async () => {
  expect(await codesOf((bytes) => parseLabels(bytes, 'a'), flipBits(labels, 0, 8))).toEqual(['E_IDX_FORMAT']);
});

test('refuses a packed file cut to any length (A18)', async () => {
  expect(await codesOf(unpack, cut(packed))).toEqual(['E_GZIP']);
});

test('refuses a packed file with any bit of its checksum or size flipped (A19)', async () => {
  expect(await codesOf(unpack, flipBits(packed, packed.length - 8, packed.length))).toEqual(['E_GZIP']);
});

test('reports in its own words a failure of unpacking that does not concern the format', async () => {
  vi.spyOn(zlib, 'gunzipSync').mockImplementation(() => {
    throw new Error('of another kind');
  });
  expect(await failureOf(() => unpack(packed))).toBe(
    'E_GZIP: cannot unpack a.gz: the gzip check failed (of another kind)',
  );
});
