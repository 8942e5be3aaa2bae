import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { downloadFiles } from '../src/download.ts';
import { createSmallDatabase, withByte, writeDatabase } from './support/digits.ts';
import { failuresOf, prepareDownload } from './support/download.ts';
import { errorOf, failureOf } from './support/errors.ts';
import { createTempFolder, readTree } from './support/folder.ts';
import { startMirror } from './support/mirror-server.ts';

const database = createSmallDatabase();
const first = 'train-images-idx3-ubyte';
const payload = database.payloads.get(first) ?? Buffer.of();

test('makes no request, and opens no network, where all files are there and right (B20)', async () => {
  const folder = createTempFolder();
  writeDatabase(database, folder);
  const before = readTree(folder);
  const means = { createDispatcher: async () => Promise.reject(new Error('a request was made')) };
  const options = { dataDir: folder, mirrors: ['http://127.0.0.1:1/'] };
  const { files } = await downloadFiles(database.sources, options, means);
  expect(files.map(({ status }) => status)).toEqual(['present', 'present', 'present', 'present']);
  expect(readTree(folder)).toEqual(before);
});

test('accepts files that are packed again, or plain', async () => {
  const folder = createTempFolder();
  writeDatabase(database, folder);
  fs.writeFileSync(path.join(folder, `${first}.gz`), zlib.gzipSync(payload, { level: 1 }));
  fs.unlinkSync(path.join(folder, 't10k-labels-idx1-ubyte.gz'));
  fs.writeFileSync(
    path.join(folder, 't10k-labels-idx1-ubyte'),
    database.payloads.get('t10k-labels-idx1-ubyte') ?? '',
  );
  const { files } = await prepareDownload(database).run({ dataDir: folder, mirrors: [], offline: true });
  expect(files.map(({ status }) => status)).toEqual(['present', 'present', 'present', 'present']);
});

test('fetches only what is missing', async () => {
  const folder = createTempFolder();
  writeDatabase(database, folder);
  fs.unlinkSync(path.join(folder, 't10k-images-idx3-ubyte.gz'));
  const mirror = await startMirror(database.payloads);
  const { files } = await prepareDownload(database).run({ dataDir: folder, mirrors: [mirror.address] });
  expect(mirror.requests.map(({ url }) => url)).toEqual(['/mnist/t10k-images-idx3-ubyte.gz']);
  expect(files.map(({ status }) => status)).toEqual(['present', 'present', 'fetched', 'present']);
});

test('copies from a folder before it asks a mirror on the network', async () => {
  const folder = createTempFolder();
  const local = createTempFolder();
  writeDatabase(database, local);
  const mirror = await startMirror(database.payloads);
  const { files } = await prepareDownload(database).run({
    dataDir: folder,
    mirrors: [local, mirror.address],
  });
  expect(files.map((file) => file.mirror)).toEqual([local, local, local, local]);
  expect(readTree(folder)).toEqual(readTree(local));
  expect(mirror.requests.length).toBe(0);
});

test('makes the data folder with its parents', async () => {
  const dataDir = path.join(createTempFolder(), 'a', 'b c', 'daß\n');
  const local = createTempFolder();
  writeDatabase(database, local);
  await prepareDownload(database).run({ dataDir, mirrors: [local] });
  expect(readTree(dataDir)).toEqual(readTree(local));
});

test('fetches a damaged file again and keeps the damaged one as .bad (B21)', async () => {
  const folder = createTempFolder();
  writeDatabase(database, folder);
  const right = readTree(folder);
  const damaged = zlib.gzipSync(withByte(payload, 5000, (payload[5000] ?? 0) ^ 1));
  fs.writeFileSync(path.join(folder, `${first}.gz`), damaged);
  const mirror = await startMirror(database.payloads);
  const download = prepareDownload(database);
  const { files } = await download.run({ dataDir: folder, mirrors: [mirror.address] });
  expect(files.map(({ status }) => status)).toEqual(['repaired', 'present', 'present', 'present']);
  expect(readTree(folder)).toEqual({ ...right, [`${first}.gz.bad`]: damaged.toString('base64') });
  expect(download.events.find(({ type }) => type === 'damaged')).toEqual({
    type: 'damaged',
    file: `${first}.gz`,
    reason: expect.stringMatching(/is not the original/),
    keptAs: `${first}.gz.bad`,
  });
});

test('moves a damaged plain file out of the way of the packed one', async () => {
  const folder = createTempFolder();
  writeDatabase(database, folder);
  const right = readTree(folder);
  fs.unlinkSync(path.join(folder, `${first}.gz`));
  fs.writeFileSync(path.join(folder, first), 'damaged');
  const mirror = await startMirror(database.payloads);
  await prepareDownload(database).run({ dataDir: folder, mirrors: [mirror.address] });
  expect(readTree(folder)).toEqual({ ...right, [`${first}.bad`]: Buffer.from('damaged').toString('base64') });
});

test('leaves a damaged file as it is where no mirror serves a better one', async () => {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, `${first}.gz`), 'damaged');
  const before = readTree(folder);
  const run = async () => prepareDownload(database).run({ dataDir: folder, mirrors: ['/nowhere'] });
  expect((await errorOf(run)).code).toBe('E_NETWORK');
  expect(readTree(folder)).toEqual(before);
});

test('leaves a damaged file as it is when offline, and says what is wrong (B22)', async () => {
  const folder = createTempFolder();
  writeDatabase(database, folder);
  fs.writeFileSync(path.join(folder, `${first}.gz`), zlib.gzipSync(withByte(payload, 99, 1)));
  const before = readTree(folder);
  const mirror = await startMirror(database.payloads);
  const run = async () =>
    prepareDownload(database).run({ dataDir: folder, mirrors: [mirror.address], offline: true });
  expect(await errorOf(run)).toMatchObject({ code: 'E_CHECKSUM', path: path.join(folder, `${first}.gz`) });
  expect(readTree(folder)).toEqual(before);
  expect(mirror.requests.length).toBe(0);
});

test('makes no folder when offline, and says which file is missing (B22)', async () => {
  const dataDir = path.join(createTempFolder(), 'none');
  const run = async () =>
    prepareDownload(database).run({ dataDir, mirrors: ['http://127.0.0.1:1/'], offline: true });
  expect(await failureOf(run)).toBe(
    `E_NO_INPUT: cannot find ${first}.gz or ${first}: there is no folder ${dataDir}`,
  );
  expect(fs.existsSync(dataDir)).toBe(false);
});

test('says which file is missing where no mirror is named', async () => {
  const dataDir = createTempFolder();
  expect(await failureOf(async () => prepareDownload(database).run({ dataDir, mirrors: [] }))).toBe(
    `E_NO_INPUT: cannot find ${first}.gz or ${first}: it is not in ${dataDir}`,
  );
});

test('refuses a data folder that is a file before it fetches anything (B27)', async () => {
  const dataDir = path.join(createTempFolder(), 'data');
  fs.writeFileSync(dataDir, 'a file');
  const mirror = await startMirror(database.payloads);
  const run = async () => prepareDownload(database).run({ dataDir, mirrors: [mirror.address] });
  expect(await failureOf(run)).toBe(`E_NOT_WRITABLE: cannot write to the folder ${dataDir}: it is a file`);
  expect(mirror.requests.length).toBe(0);
});

test('refuses a data folder below a file before it fetches anything', async () => {
  const file = path.join(createTempFolder(), 'file');
  fs.writeFileSync(file, 'a file');
  const dataDir = path.join(file, 'data');
  const mirror = await startMirror(database.payloads);
  const run = async () => prepareDownload(database).run({ dataDir, mirrors: [mirror.address] });
  expect(await failureOf(run)).toBe(
    `E_NOT_WRITABLE: cannot write to the folder ${dataDir}: a part of the path is not a folder (ENOTDIR)`,
  );
  expect(mirror.requests.length).toBe(0);
});

test.skipIf(process.getuid?.() === 0)(
  'refuses a read-only parent before it fetches anything (B27)',
  async () => {
    const parent = createTempFolder();
    fs.chmodSync(parent, 0o500);
    const dataDir = path.join(parent, 'data');
    const mirror = await startMirror(database.payloads);
    const run = async () => prepareDownload(database).run({ dataDir, mirrors: [mirror.address] });
    expect(await failureOf(run)).toBe(
      `E_NOT_WRITABLE: cannot write to the folder ${dataDir}: permission denied (EACCES)`,
    );
    expect(mirror.requests.length).toBe(0);
  },
);

test.each(['file:///data', 'ftp://host/mnist', 'data:,x', 'javascript:x', 's3://bucket/'])(
  'refuses the mirror %s before it touches anything (B25)',
  async (mirror) => {
    const dataDir = path.join(createTempFolder(), 'none');
    const error = await errorOf(async () => prepareDownload(database).run({ dataDir, mirrors: [mirror] }));
    expect(error).toMatchObject({ code: 'E_USAGE', expected: 'an http(s) address or a folder' });
    expect(error.message).toBe(
      `cannot use the mirror "${mirror}": it is neither an http(s) address nor a folder`,
    );
    expect(fs.existsSync(dataDir)).toBe(false);
  },
);

test('removes temp files of dead processes, and leaves those of living ones and all else (B17)', async () => {
  const folder = createTempFolder();
  writeDatabase(database, folder);
  const kept = [
    `${first}.gz.tmp-${process.pid}-0123abcd`,
    'other.tmp-2147483646-0123abcd',
    `${first}.gz.bad`,
  ];
  const orphans = [`${first}.gz.tmp-2147483646-0123abcd`, `${first}.tmp-2147483646-0123abcd`];
  for (const name of [...kept, ...orphans]) fs.writeFileSync(path.join(folder, name), 'x');
  await prepareDownload(database).run({ dataDir: folder, mirrors: [] });
  const names = fs.readdirSync(folder);
  expect(kept.filter((name) => names.includes(name))).toEqual(kept);
  expect(orphans.filter((name) => names.includes(name))).toEqual([]);
});

test('asks a mirror last that failed for an earlier file', async () => {
  const bad = await startMirror(new Map());
  const good = await startMirror(database.payloads);
  const download = prepareDownload(database);
  await download.run({ dataDir: createTempFolder(), mirrors: [bad.address, good.address] });
  expect(bad.requests.length).toBe(1);
  expect(failuresOf(download.events)).toEqual(['HTTP 404, not found -> next-mirror']);
});

test('keeps every file whole where ten downloads work in one folder at once (B24)', async () => {
  const folder = createTempFolder();
  const local = createTempFolder();
  writeDatabase(database, local);
  const mirror = await startMirror(database.payloads);
  fs.writeFileSync(path.join(folder, `${first}.gz`), 'damaged');
  const download = prepareDownload(database);
  const runs = Array.from({ length: 10 }, () => download.run({ dataDir: folder, mirrors: [mirror.address] }));
  await Promise.all(runs);
  const { [`${first}.gz.bad`]: _, ...files } = readTree(folder);
  expect(files).toEqual(readTree(local));
});
