import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createImageFile, createSmallDatabase } from './support/digits.ts';
import { prepareDownload } from './support/download.ts';
import { failureOf } from './support/errors.ts';
import { createTempFolder, readTree } from './support/folder.ts';
import { startMirror } from './support/mirror-server.ts';

const database = createSmallDatabase();
const first = 'train-images-idx3-ubyte';

test('refuses a folder under the name of a file when offline, and leaves it alone (A22)', async () => {
  const dataDir = createTempFolder();
  fs.mkdirSync(path.join(dataDir, `${first}.gz`));
  const run = async () => prepareDownload(database).run({ dataDir, mirrors: [], offline: true });
  expect(await failureOf(run)).toBe(
    `E_NO_INPUT: cannot read ${first}.gz: it is a folder, not a regular file`,
  );
});

test.each([`${first}.gz`, first])('puts a file beside a folder of its name, %s', async (name) => {
  const dataDir = createTempFolder();
  fs.mkdirSync(path.join(dataDir, name));
  const mirror = await startMirror(database.payloads);
  const { files } = await prepareDownload(database).run({ dataDir, mirrors: [mirror.address] });
  const expected = name.endsWith('.gz') ? `${first.replace('-idx', '.idx')}.gz` : `${first}.gz`;
  expect([files[0]?.path, fs.statSync(path.join(dataDir, name)).isDirectory()]).toEqual([
    path.join(dataDir, expected),
    true,
  ]);
});

test('never waits for a pipe under the name of a file (A22)', async () => {
  const dataDir = createTempFolder();
  execFileSync('mkfifo', [path.join(dataDir, first)]);
  const run = async () => prepareDownload(database).run({ dataDir, mirrors: ['/nowhere'] });
  expect(await failureOf(run)).toBe(
    `E_NO_INPUT: cannot read ${first}: it is a device, pipe or socket, not a regular file`,
  );
});

test('finds files in folders of their names, skips a broken one, and repairs nothing there', async () => {
  const dataDir = createTempFolder();
  for (const [name, content] of database.payloads) {
    fs.mkdirSync(path.join(dataDir, name));
    fs.writeFileSync(path.join(dataDir, name, name), content);
    fs.writeFileSync(path.join(dataDir, name, `${name}.gz`), 'broken');
  }
  const before = readTree(dataDir);
  const { files } = await prepareDownload(database).run({ dataDir, mirrors: [], offline: true });
  expect(files.map(({ status }) => status)).toEqual(['present', 'present', 'present', 'present']);
  expect(readTree(dataDir)).toEqual(before);
});

test("finds files where torchvision puts them, and never moves another data set's", async () => {
  const dataDir = createTempFolder();
  const raw = path.join(dataDir, 'MNIST', 'raw');
  fs.mkdirSync(raw, { recursive: true });
  for (const [name, content] of database.payloads) fs.writeFileSync(path.join(raw, name), content);
  fs.writeFileSync(path.join(raw, first), createImageFile(30).fill(7, 16));
  const before = readTree(raw);
  const mirror = await startMirror(database.payloads);
  const { files } = await prepareDownload(database).run({ dataDir, mirrors: [mirror.address] });
  expect(files.map(({ status }) => status)).toEqual(['fetched', 'present', 'present', 'present']);
  expect(readTree(raw)).toEqual(before);
});

test.each([
  ['a folder of its name beside it', (folder: string) => fs.mkdirSync(path.join(folder, `${first}.gz`))],
  ['a broken file beside it', (folder: string) => fs.writeFileSync(path.join(folder, `${first}.gz`), 'no')],
])('copies from a folder a good file with %s', async (_, spoil) => {
  const local = createTempFolder();
  for (const [name, content] of database.payloads) {
    fs.writeFileSync(path.join(local, name.replace('-idx', '.idx')), content);
  }
  spoil(local);
  const { files } = await prepareDownload(database).run({ dataDir: createTempFolder(), mirrors: [local] });
  expect(files.map(({ status }) => status)).toEqual(['fetched', 'fetched', 'fetched', 'fetched']);
});
