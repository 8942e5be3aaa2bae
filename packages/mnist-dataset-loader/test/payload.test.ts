import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { loadFromFolder } from '../src/dataset.ts';
import { verifyPinned } from '../src/payload.ts';
import type { SourceFile } from '../src/sources.ts';
import { createImageFile, createSmallDatabase, sha256, withByte } from './support/digits.ts';
import { errorOf, failureOf } from './support/errors.ts';
import { createTempFolder } from './support/folder.ts';

const database = createSmallDatabase();
const source = sourceOf('train-images-idx3-ubyte');
const payload = database.payloads.get(source.name) ?? Buffer.of();
const packed = zlib.gzipSync(payload);
const size = payload.length.toLocaleString('en-US');

test('accepts the plain payload', async () => {
  expect(verifyPinned(payload, 'x', source).sha256).toBe(source.sha256);
});

test.each([0, 1, 9])('accepts the payload in a wrapper packed again at level %i (A17)', async (level) => {
  const wrapper = zlib.gzipSync(payload, { level });
  expect(verifyPinned(wrapper, 'x', source).bytes).toEqual(payload);
});

test('accepts zeros after the gzip stream, which tapes and blocks leave (A21)', async () => {
  const { bytes } = verifyPinned(Buffer.concat([packed, Buffer.alloc(512)]), 'x', source);
  expect(bytes).toEqual(payload);
});

test('rejects junk after the gzip stream (A21)', async () => {
  expect(await failureOf(() => verifyPinned(Buffer.concat([packed, Buffer.from('junk')]), 'x', source))).toBe(
    'E_GZIP: cannot unpack x: the gzip check failed (incorrect header check)',
  );
});

test('rejects a second gzip member that makes the payload longer (A21)', async () => {
  const two = Buffer.concat([packed, zlib.gzipSync(Buffer.of(1))]);
  expect(await failureOf(() => verifyPinned(two, 'x', source))).toBe(
    `E_GZIP: cannot unpack x: it is larger than the expected ${size} bytes`,
  );
});

test('accepts a payload split over two gzip members (A21)', async () => {
  const halves = [payload.subarray(0, 5000), payload.subarray(5000)].map((half) => zlib.gzipSync(half));
  expect(verifyPinned(Buffer.concat(halves), 'x', source).bytes).toEqual(payload);
});

test('rejects one changed pixel with both hashes (A14)', async () => {
  const changed = withByte(payload, 5000, (payload[5000] ?? 0) ^ 1);
  const error = await errorOf(() => verifyPinned(changed, 'x', source));
  expect(error).toMatchObject({ code: 'E_CHECKSUM', expected: source.sha256, actual: sha256(changed) });
  expect(error.message).toBe(
    `x is not the original: its payload's SHA-256 is ${sha256(changed)}, expected ${source.sha256}`,
  );
});

test('notices every single changed bit of 200 pixels (A14)', async () => {
  for (let index = 16; index < 216; index++) {
    const changed = withByte(payload, index, (payload[index] ?? 0) ^ (1 << (index % 8)));
    expect((await errorOf(() => verifyPinned(changed, 'x', source))).code).toBe('E_CHECKSUM');
  }
});

test('rejects gzip cut at every 1 % (A18)', async () => {
  for (let percent = 1; percent < 100; percent++) {
    const cut = packed.subarray(0, Math.floor((packed.length * percent) / 100));
    expect(await failureOf(() => verifyPinned(cut, 'x', source))).toBe(
      'E_GZIP: cannot unpack x: the gzip data ends early',
    );
  }
});

test('rejects gzip whose CRC is wrong (A19)', async () => {
  const at = packed.length - 8;
  const wrong = withByte(packed, at, (packed[at] ?? 0) ^ 1);
  expect(await failureOf(() => verifyPinned(wrong, 'x', source))).toBe(
    'E_GZIP: cannot unpack x: the gzip check failed (incorrect data check)',
  );
});

test('rejects gzip whose length is wrong (A19)', async () => {
  const at = packed.length - 4;
  const wrong = withByte(packed, at, (packed[at] ?? 0) ^ 1);
  expect(await failureOf(() => verifyPinned(wrong, 'x', source))).toBe(
    'E_GZIP: cannot unpack x: the gzip check failed (incorrect length check)',
  );
});

test('rejects an empty file with the size expected', async () => {
  expect(await failureOf(() => verifyPinned(Buffer.of(), 'x', source))).toBe(
    `E_IDX_FORMAT: cannot read x: it is empty (0 bytes), expected ${size}`,
  );
});

test('rejects a plain file that was cut off with both sizes', async () => {
  expect(await failureOf(() => verifyPinned(payload.subarray(0, 1024), 'x', source))).toBe(
    `E_IDX_FORMAT: cannot read x: 1,024 of ${size} bytes are there`,
  );
});

test('rejects a plain file with bytes left over', async () => {
  const longer = Buffer.concat([payload, Buffer.of(1, 2)]);
  expect(await failureOf(() => verifyPinned(longer, 'x', source))).toBe(
    `E_IDX_FORMAT: cannot read x: it has 2 extra bytes after the expected ${size}`,
  );
});

test('rejects test images under the name of training images by their count', async () => {
  expect(await failureOf(() => verifyPinned(createImageFile(20), 'x', source))).toBe(
    'E_IDX_FORMAT: cannot read x: it declares 20 images, expected 30',
  );
});

test('rejects packed labels under the name of images before it unpacks them', async () => {
  const labels = zlib.gzipSync(database.payloads.get('train-labels-idx1-ubyte') ?? Buffer.of());
  expect(await failureOf(() => verifyPinned(labels, 'x', source))).toBe(
    'E_IDX_FORMAT: cannot read x: this is a label file (1 dimension), images have 3',
  );
});

test('finds the file packed, plain, and with a dot in its name', async () => {
  for (const name of [
    `${source.name}.gz`,
    source.name,
    'train-images.idx3-ubyte.gz',
    'train-images.idx3-ubyte',
  ]) {
    const folder = createTempFolder();
    fs.writeFileSync(path.join(folder, name), name.endsWith('.gz') ? packed : payload);
    expect(loadFromFolder(folder, source).file).toBe(path.join(folder, name));
  }
});

test('reads plain bytes under the packed name and packed bytes under the plain one', async () => {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, `${source.name}.gz`), payload);
  expect(loadFromFolder(folder, source).sha256).toBe(source.sha256);
  fs.renameSync(path.join(folder, `${source.name}.gz`), path.join(folder, source.name));
  fs.writeFileSync(path.join(folder, source.name), packed);
  expect(loadFromFolder(folder, source).sha256).toBe(source.sha256);
});

test('uses the good one of a packed and a plain file', async () => {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, `${source.name}.gz`), packed.subarray(0, 100));
  fs.writeFileSync(path.join(folder, source.name), payload);
  expect(loadFromFolder(folder, source).file).toBe(path.join(folder, source.name));
});

test('names the file and the folder where a file is missing', async () => {
  const folder = createTempFolder();
  const error = await errorOf(() => loadFromFolder(folder, source));
  expect(error).toMatchObject({ code: 'E_NO_INPUT', path: folder });
  expect(error.message).toBe(`cannot find ${source.name}.gz or ${source.name}: it is not in ${folder}`);
});

test('says that the folder is missing where it is', async () => {
  const folder = path.join(createTempFolder(), 'none');
  expect(await failureOf(() => loadFromFolder(folder, source))).toBe(
    `E_NO_INPUT: cannot find ${source.name}.gz or ${source.name}: there is no folder ${folder}`,
  );
});

test('gives the path of a damaged file', async () => {
  const folder = createTempFolder();
  const file = path.join(folder, `${source.name}.gz`);
  fs.writeFileSync(file, packed.subarray(0, 100));
  expect((await errorOf(() => loadFromFolder(folder, source))).path).toBe(file);
});

test('refuses a file far larger than the payload before it reads it', async () => {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, source.name), '');
  fs.truncateSync(path.join(folder, source.name), 10_000_000_000);
  expect(await failureOf(() => loadFromFolder(folder, source))).toBe(
    `E_IDX_FORMAT: cannot read ${source.name}: it is larger than expected: 10,000,000,000 bytes, at most 1,000,000`,
  );
});

test('refuses a folder in place of the file', async () => {
  const folder = createTempFolder();
  fs.mkdirSync(path.join(folder, source.name));
  expect(await failureOf(() => loadFromFolder(folder, source))).toBe(
    `E_NO_INPUT: cannot read ${source.name}: it is a folder, not a regular file`,
  );
});

test('refuses a pipe in place of the file without waiting for a writer', async () => {
  const folder = createTempFolder();
  execFileSync('mkfifo', [path.join(folder, source.name)]);
  expect(await failureOf(() => loadFromFolder(folder, source))).toBe(
    `E_NO_INPUT: cannot read ${source.name}: it is a device, pipe or socket, not a regular file`,
  );
});

test('refuses a link to /dev/zero', async () => {
  const folder = createTempFolder();
  fs.symlinkSync('/dev/zero', path.join(folder, source.name));
  expect(await failureOf(() => loadFromFolder(folder, source))).toBe(
    `E_NO_INPUT: cannot read ${source.name}: it is a device, pipe or socket, not a regular file`,
  );
});

test('says that links go in a circle', async () => {
  const folder = createTempFolder();
  fs.symlinkSync(source.name, path.join(folder, source.name));
  expect(await failureOf(() => loadFromFolder(folder, source))).toBe(
    `E_NO_INPUT: cannot read ${source.name}: too many symbolic links, probably a loop (ELOOP)`,
  );
});

test('says that a link leads nowhere', async () => {
  const folder = createTempFolder();
  fs.symlinkSync('gone', path.join(folder, source.name));
  expect(await failureOf(() => loadFromFolder(folder, source))).toBe(
    `E_NO_INPUT: cannot read ${source.name}: it does not exist (ENOENT)`,
  );
});

test.skipIf(process.getuid?.() === 0)('says that permission is denied', async () => {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, source.name), payload, { mode: 0 });
  expect(await failureOf(() => loadFromFolder(folder, source))).toBe(
    `E_NO_INPUT: cannot read ${source.name}: permission denied (EACCES)`,
  );
});

test('uses the very bytes that it hashed, though the file is replaced afterwards (A24)', () => {
  const folder = createTempFolder();
  const file = path.join(folder, `${source.name}.gz`);
  fs.writeFileSync(file, payload);
  const loaded = loadFromFolder(folder, source);
  fs.writeFileSync(file, Buffer.alloc(payload.length));
  expect(sha256(loaded.bytes)).toBe(source.sha256);
});

function sourceOf(name: string): SourceFile {
  const found = database.sources.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}
