import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildLoader } from './support/build.ts';
import { createSmallDatabase, writeDatabase } from './support/digits.ts';
import { prepareDownload } from './support/download.ts';
import { createTestFolder, snapshot } from './support/folder.ts';

const whole = createSmallDatabase();
// Two files go through every step that there is.
const sources = whole.sources.slice(0, 2);
const database = { sources, payloads: new Map([...whole.payloads].slice(0, 2)) };
const child = new URL('support/download-child.mjs', import.meta.url).pathname;
const damaged = 'train-images-idx3-ubyte.gz';
let build = '';

beforeAll(() => {
  build = buildLoader('crash');
});

it('recovers from kill -9 before every step that changes the disk', async () => {
  const { steps, mirror } = listSteps();
  expect(steps.length).toBeGreaterThan(20);
  for (const step of steps.keys()) await killAndRecover(mirror, [String(step + 1), 'before']);
});

it('recovers from kill -9 in the middle of each write', async () => {
  const { steps, mirror } = listSteps();
  const writes = [...steps.keys()].filter((step) => steps[step] === 'writeSync');
  expect(writes.length).toBe(2);
  for (const step of writes) await killAndRecover(mirror, [String(step + 1), 'through']);
});

it('keeps every file whole where twenty processes download into one folder at once', async () => {
  const local = createTestFolder();
  writeDatabase(database, local);
  const folder = createDamagedFolder();
  const codes = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const running = spawn(process.execPath, [child, build, JSON.stringify(sources), folder, local]);
      return new Promise((resolve) => running.on('close', resolve));
    }),
  );
  expect(codes).toEqual(Array.from({ length: 20 }, () => 0));
  expect(finalFiles(folder)).toEqual(snapshot(local));
  expect(fs.readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
});

function listSteps(): { readonly steps: readonly string[]; readonly mirror: string } {
  const mirror = createTestFolder();
  writeDatabase(database, mirror);
  return { steps: JSON.parse(runChild(createDamagedFolder(), mirror, []).stdout) as string[], mirror };
}

async function killAndRecover(mirror: string, kill: readonly string[]): Promise<void> {
  const right = snapshot(mirror);
  const folder = createDamagedFolder();
  expect(runChild(folder, mirror, kill).signal).toBe('SIGKILL');
  for (const [name, bytes] of Object.entries(finalFiles(folder))) {
    const isOld = name === damaged && bytes === Buffer.from('damaged').toString('base64');
    if (!isOld) expect(bytes).toBe(right[name]);
  }
  await prepareDownload(database).run({ dataDir: folder, mirrors: [mirror] });
  expect(finalFiles(folder)).toEqual(right);
  expect(fs.readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
}

function createDamagedFolder(): string {
  const folder = createTestFolder();
  fs.writeFileSync(path.join(folder, damaged), 'damaged');
  return folder;
}

function runChild(
  folder: string,
  mirror: string,
  kill: readonly string[],
): { stdout: string; signal: string | null } {
  const values = [child, build, JSON.stringify(sources), folder, mirror, ...kill];
  return spawnSync(process.execPath, values, { encoding: 'utf8' });
}

function finalFiles(folder: string): Record<string, string> {
  const files = Object.entries(snapshot(folder));
  return Object.fromEntries(files.filter(([name]) => name.endsWith('.gz')));
}
