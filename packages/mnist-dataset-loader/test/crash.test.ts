import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createSmallDatabase, writeDatabase } from './support/digits.ts';
import { prepareDownload } from './support/download.ts';
import { createTempFolder, readTree } from './support/folder.ts';

const whole = createSmallDatabase();
// Two files go through every step that there is.
const sources = whole.sources.slice(0, 2);
const database = { sources, payloads: new Map([...whole.payloads].slice(0, 2)) };
const child = new URL('support/download-child.mjs', import.meta.url).pathname;
const damaged = 'train-images-idx3-ubyte.gz';
const mirror = createTempFolder();
writeDatabase(database, mirror);
const steps = listSteps();

test(`recovers from kill -9 before each of the ${steps.length} steps that change the disk (B17)`, async () => {
  expect(steps.length).toBeGreaterThan(20);
  for (const step of steps.keys()) await killAndRecover([String(step + 1), 'before']);
});

test('recovers from kill -9 in the middle of each write (B17)', async () => {
  const writes = [...steps.keys()].filter((step) => steps[step] === 'writeSync');
  expect(writes.length).toBe(2);
  for (const step of writes) await killAndRecover([String(step + 1), 'through']);
});

test('keeps every file whole where twenty processes download into one folder at once (B24)', async () => {
  const folder = createDamagedFolder(createTempFolder());
  const codes = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const running = spawn(process.execPath, [child, JSON.stringify(sources), folder, mirror]);
      return new Promise((resolve) => running.on('close', resolve));
    }),
  );
  expect(codes).toEqual(Array.from({ length: 20 }, () => 0));
  expect(finalFiles(folder)).toEqual(readTree(mirror));
  expect(fs.readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
});

function listSteps(): readonly string[] {
  const { stdout } = runChild(createDamagedFolder(createTempFolder()), []);
  return JSON.parse(stdout) as string[];
}

async function killAndRecover(kill: readonly string[]): Promise<void> {
  const right = readTree(mirror);
  const folder = createDamagedFolder(createTempFolder());
  expect(runChild(folder, kill).signal).toBe('SIGKILL');
  for (const [name, bytes] of Object.entries(finalFiles(folder))) {
    const isOld = name === damaged && bytes === Buffer.from('damaged').toString('base64');
    if (!isOld) expect(bytes).toBe(right[name]);
  }
  await prepareDownload(database).run({ dataDir: folder, mirrors: [mirror] });
  expect(finalFiles(folder)).toEqual(right);
  expect(fs.readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
}

function createDamagedFolder(folder: string): string {
  fs.writeFileSync(path.join(folder, damaged), 'damaged');
  return folder;
}

function runChild(folder: string, kill: readonly string[]): { stdout: string; signal: string | null } {
  const values = [child, JSON.stringify(sources), folder, mirror, ...kill];
  return spawnSync(process.execPath, values, { encoding: 'utf8' });
}

function finalFiles(folder: string): Record<string, string> {
  const files = Object.entries(readTree(folder));
  return Object.fromEntries(files.filter(([name]) => name.endsWith('.gz')));
}
