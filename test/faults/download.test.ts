import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { downloadFiles } from '../../packages/mnist-dataset-loader/src/download.ts';
import { DatasetError } from '../../packages/mnist-dataset-loader/src/errors.ts';
import { failAtCall } from '../support/fail-at-call.mjs';
import { createMemoryFolder, readTree } from '../support/folder.ts';
import { preload, runCli } from '../support/run-cli.ts';
import { createSmallMnistFolder, smallMnist, withSmallMnist } from '../support/small-mnist.ts';

// Two files go through every step that there is: one is damaged and fetched anew, one is missing.
const sources = smallMnist.sources.slice(0, 2);
const mirror = createSmallMnistFolder();
const names = sources.map(({ name }) => `${name}.gz`);
const [damagedName = ''] = names;
const right = readTree(mirror);
const root = createMemoryFolder();
let folders = 0;

function createDamagedFolder(): string {
  const folder = path.join(root, String(folders++));
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, damagedName), 'damaged');
  return folder;
}

/** Downloads in this process with one fault, and gives the calls and the error. */
async function downloadWith(
  dataDir: string,
  fault: { readonly at: number; readonly errno: string; readonly forever?: boolean },
) {
  const { calls, restore } = failAtCall({ folder: dataDir, ...fault });
  try {
    await downloadFiles(sources, { dataDir, mirrors: [mirror] });
    return { calls, error: undefined };
  } catch (error) {
    return { calls, error };
  } finally {
    restore();
  }
}

/** After any fault: each name holds nothing, what it held, or the right bytes; the next download ends well. */
async function recover(dataDir: string): Promise<void> {
  for (const [name, bytes] of Object.entries(readTree(dataDir))) {
    const isOld = name.startsWith(damagedName) && bytes === Buffer.from('damaged').toString('base64');
    if (!isOld && !name.includes('.tmp-')) expect(bytes, name).toBe(right[name]);
  }
  await downloadFiles(sources, { dataDir, mirrors: [mirror] });
  const found = readTree(dataDir);
  expect(names.map((name) => found[name] === right[name])).toEqual([true, true]);
}

const { calls } = await downloadWith(createDamagedFolder(), { at: 0, errno: 'EIO' });

test('a download makes so many calls that the loops below mean something', () => {
  expect(calls.length).toBeGreaterThan(30);
});

describe.each(['ENOSPC', 'EIO', 'EROFS', 'EACCES', 'EMFILE'])('%s', (errno) => {
  test(`once at each of the ${calls.length} calls is reported in words, leaves no temp file and nothing half done (B17, B19)`, async () => {
    for (const [index, call] of calls.entries()) {
      const dataDir = createDamagedFolder();
      const { error } = await downloadWith(dataDir, { at: index + 1, errno });
      if (error !== undefined) {
        expect(error, call).toBeInstanceOf(DatasetError);
        // What only asks whether there is a file fails where that is read.
        if (!call.startsWith('lstatSync'))
          expect(error, call).toHaveProperty('message', expect.stringContaining(`(${errno})`));
      }
      const left = fs.readdirSync(dataDir).filter((name) => name.includes('.tmp-'));
      // The very call that would have removed it may be the one that fails.
      if (!call.startsWith('unlinkSync')) expect(left, call).toEqual([]);
      await recover(dataDir);
    }
  });

  test('from any call on is reported in words and leaves nothing half done (B19)', async () => {
    for (const [index, call] of calls.entries()) {
      const dataDir = createDamagedFolder();
      const { error } = await downloadWith(dataDir, { at: index + 1, errno, forever: true });
      if (error !== undefined) {
        expect(error, call).toBeInstanceOf(DatasetError);
        expect(error, call).toHaveProperty('message', expect.stringContaining(`(${errno})`));
      }
      await recover(dataDir);
    }
  });
});

describe('the program itself', () => {
  const report = path.join(root, 'calls.json');
  const folder = path.join(root, 'data');

  /** Downloads the small database with a fault of the disk, from a state with one damaged file. */
  async function run(fault: { readonly at: number; readonly errno: string; readonly forever?: boolean }) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, damagedName), 'damaged');
    const before = readTree(folder);
    const result = await runCli(['download', '--data-dir', folder, '--mirror', mirror], {
      nodeFlags: [...withSmallMnist.nodeFlags, ...preload('fail-at-call')],
      env: { ...withSmallMnist.env, FAULT: JSON.stringify({ folder, report, ...fault }) },
    });
    return {
      ...result,
      lines: result.stderr.split('\n'),
      isUntouched: isDeepStrictEqual(readTree(folder), before),
    };
  }

  async function placeOf(call: string, nth: number): Promise<number> {
    await run({ at: 0, errno: 'EIO' });
    const list: unknown = JSON.parse(fs.readFileSync(report, 'utf8'));
    const places = Array.isArray(list)
      ? list.flatMap((each, at) => (String(each).startsWith(call) ? [at + 1] : []))
      : [];
    return places[nth - 1] ?? Number.NaN;
  }

  test('says what a full disk needs and has, and leaves everything as it was (B19)', async () => {
    const { exit, lines, isUntouched } = await run({
      at: await placeOf('writeSync', 1),
      errno: 'ENOSPC',
    });
    expect([exit, isUntouched]).toEqual([74, true]);
    expect(lines[1]).toMatch(
      /^mnist-cnn: cannot write train-images-idx3-ubyte\.gz: the disk is full \(ENOSPC\), it needs 0\.0 MB, [\d.]+ MB are free$/,
    );
  });

  test('killed between two files, leaves the first whole; the next one removes its temp file and finishes (B17)', async () => {
    const { signal } = await run({ at: await placeOf('renameSync', 2), errno: 'KILL' });
    const orphans = () => fs.readdirSync(folder).filter((name) => name.includes('.tmp-'));
    expect([signal, orphans().length, readTree(folder)[damagedName] === right[damagedName]]).toEqual([
      'SIGKILL',
      1,
      true,
    ]);
    const { exit } = await runCli(['download', '--data-dir', folder, '--mirror', mirror], withSmallMnist);
    const { [`${damagedName}.bad`]: _, ...found } = readTree(folder);
    expect([exit, orphans(), isDeepStrictEqual(found, right)]).toEqual([0, [], true]);
  });
});
