import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodeTensorFile } from '../../src/core/tensor-file.ts';
import {
  loadCheckpointAt,
  loadNewestCheckpoint,
  removeOrphans,
  saveCheckpoint,
  setAside,
} from '../../src/run/checkpoint.ts';
import { catchError } from '../support/caught.ts';
import { createFolderForTest, readTree } from '../support/folder.ts';
import { sealChanged } from '../support/sealed-file.ts';
import { createState } from '../support/training-state.ts';

afterEach(() => vi.restoreAllMocks());

const damaged =
  'cannot read step-000030.ckpt: its SHA-256 differs from the one stored in it: it is damaged or was cut off';

/** A folder with the checkpoints of steps 10, 20 and 30. */
function createCheckpoints(): string {
  const folder = createFolderForTest();
  for (const step of [10, 20, 30]) saveCheckpoint(folder, createState(step), 5);
  return folder;
}

function fileOf(folder: string, step: number): string {
  return path.join(folder, `step-${String(step).padStart(6, '0')}.ckpt`);
}

describe('a saved checkpoint', () => {
  test('is loaded with the same bits', () => {
    const folder = createFolderForTest();
    const state = createState(7, { best: { step: 5, loss: 0.25, accuracy: 0.975 } });
    saveCheckpoint(folder, state, 3);
    expect(loadNewestCheckpoint(folder).state).toEqual(state);
  });

  test('is named by its step', () => {
    expect(saveCheckpoint(createFolderForTest(), createState(350), 3)).toBe('step-000350.ckpt');
  });

  test('may have more steps than six digits', () => {
    const folder = createFolderForTest();
    saveCheckpoint(folder, createState(999_999), 3);
    saveCheckpoint(folder, createState(1_000_000), 3);
    expect(loadNewestCheckpoint(folder).state.step).toBe(1_000_000);
  });

  test('replaces one of the same step', () => {
    const folder = createFolderForTest();
    saveCheckpoint(folder, createState(7), 3);
    saveCheckpoint(folder, createState(7, { elapsedMs: 99 }), 3);
    expect(loadCheckpointAt(folder, 7).elapsedMs).toBe(99);
  });

  test('can be loaded by its step', () => {
    expect(loadCheckpointAt(createCheckpoints(), 20)).toEqual(createState(20));
  });

  test('makes its folder, with parents', () => {
    const folder = path.join(createFolderForTest(), 'net', 'checkpoints');
    saveCheckpoint(folder, createState(7), 3);
    expect(fs.readdirSync(folder)).toEqual(['step-000007.ckpt']);
  });
});

describe('older checkpoints', () => {
  const savedSteps = (keep: number, best?: number) => {
    const folder = createFolderForTest();
    for (const step of [10, 20, 30, 40, 50]) {
      const isPast = best !== undefined && best <= step;
      saveCheckpoint(
        folder,
        createState(step, isPast ? { best: { step: best, loss: 1, accuracy: 0.5 } } : {}),
        keep,
      );
    }
    return fs.readdirSync(folder).map((name) => Number(name.slice(5, 11)));
  };

  test('are removed but for the newest that are kept', () => {
    expect(savedSteps(3)).toEqual([30, 40, 50]);
  });

  test('are kept where they are the best', () => {
    expect(savedSteps(3, 10)).toEqual([10, 30, 40, 50]);
  });

  test.each([0, 1, 2])('are at least one besides the newest, also with keep %i', (keep) => {
    expect(savedSteps(keep)).toEqual([40, 50]);
  });

  test('are removed only after the new one is durable', () => {
    const folder = createCheckpoints();
    const calls: string[] = [];
    const { fsyncSync, unlinkSync } = fs;
    vi.spyOn(fs, 'fsyncSync').mockImplementation((handle) => {
      calls.push('sync');
      fsyncSync(handle);
    });
    vi.spyOn(fs, 'unlinkSync').mockImplementation((file) => {
      calls.push(`remove ${path.basename(String(file))}`);
      unlinkSync(file);
    });
    saveCheckpoint(folder, createState(40), 2);
    expect(calls).toEqual(['sync', 'sync', 'remove step-000010.ckpt', 'remove step-000020.ckpt']);
  });

  test('are not touched where the new one cannot be saved', () => {
    const folder = createCheckpoints();
    const before = readTree(folder);
    vi.spyOn(fs, 'fsyncSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('as a test wants it'), { code: 'EIO' });
    });
    catchError(() => saveCheckpoint(folder, createState(40), 2));
    expect(readTree(folder)).toEqual(before);
  });
});

describe('a save that fails', () => {
  const failWith = (errno: string, folder: string) => {
    vi.spyOn(fs, 'writeSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('as a test wants it'), { code: errno });
    });
    return catchError(() => saveCheckpoint(folder, createState(40), 2));
  };

  test.each([
    ['ENOSPC', 'E_DISK_FULL', 'the disk is full (ENOSPC)'],
    ['EIO', 'E_IO', 'the disk reports an error (EIO)'],
    ['EACCES', 'E_IO', 'permission denied (EACCES)'],
    ['EROFS', 'E_IO', 'the file system is read-only (EROFS)'],
  ])('with %s says so, and which checkpoint is still good', (errno, code, words) => {
    expect(failWith(errno, createCheckpoints())).toMatchObject({
      code,
      message: `cannot write step-000040.ckpt: ${words}`,
      hint: 'The checkpoint of step 30 is still good.',
    });
  });

  test('as the first of a run says that none is there', () => {
    expect(failWith('ENOSPC', createFolderForTest()).hint).toBe('No checkpoint was saved yet.');
  });
});

describe('the newest checkpoint', () => {
  test.each<[string, (file: string) => void, string]>([
    ['cut short', (file) => fs.truncateSync(file, fs.statSync(file).size - 1), damaged],
    ['with one bit flipped', (file) => flipBit(file, 200), damaged],
    [
      'emptied',
      (file) => fs.truncateSync(file),
      'cannot read step-000030.ckpt: it has 0 bytes, fewer than the 48 of its start',
    ],
    [
      'that is a weights file',
      (file) => fs.writeFileSync(file, encodeTensorFile({ header: { kind: 'weights' }, arrays: [] })),
      'cannot read step-000030.ckpt: it is no checkpoint',
    ],
    [
      'with NaN in it',
      (file) => fs.writeFileSync(file, forge('weights/a', Number.NaN)),
      'cannot read step-000030.ckpt: weights/a[0] is NaN',
    ],
    [
      'with Infinity in it',
      (file) => fs.writeFileSync(file, forge('optimizer/mean/0', Infinity)),
      'cannot read step-000030.ckpt: optimizer/mean/0[0] is Infinity',
    ],
    [
      'with a stranger among its arrays',
      (file) => fs.writeFileSync(file, forge('other/a', 1)),
      'cannot read step-000030.ckpt: it has an unknown array other/a',
    ],
    [
      'that is a folder',
      (file) => {
        fs.rmSync(file);
        fs.mkdirSync(file);
      },
      'cannot read step-000030.ckpt: it is a folder, not a regular file',
    ],
  ])('%s is passed over for the one before', (_, damage, reason) => {
    const folder = createCheckpoints();
    damage(fileOf(folder, 30));
    const { state, file, skipped } = loadNewestCheckpoint(folder);
    expect([state, file, skipped]).toEqual([
      createState(20),
      fileOf(folder, 20),
      [{ file: fileOf(folder, 30), reason }],
    ]);
  });

  test('listed but gone when it is read is passed over', () => {
    const folder = createCheckpoints();
    const names = fs.readdirSync(folder);
    vi.spyOn(fs, 'readdirSync').mockReturnValueOnce([...names, 'step-000040.ckpt'] as never);
    const { state, skipped } = loadNewestCheckpoint(folder);
    expect([state.step, skipped]).toEqual([
      30,
      [{ file: fileOf(folder, 40), reason: 'cannot read step-000040.ckpt: it does not exist (ENOENT)' }],
    ]);
  });

  test('and the next damaged: the third is used', () => {
    const folder = createCheckpoints();
    flipBit(fileOf(folder, 30), 200);
    flipBit(fileOf(folder, 20), 200);
    const { state, skipped } = loadNewestCheckpoint(folder);
    expect([state, skipped.map(({ file }) => file)]).toEqual([
      createState(10),
      [fileOf(folder, 30), fileOf(folder, 20)],
    ]);
  });

  test('is told with its reason where none is whole, and nothing is touched', () => {
    const folder = createCheckpoints();
    for (const step of [10, 20, 30]) flipBit(fileOf(folder, step), 200);
    const before = readTree(folder);
    expect(catchError(() => loadNewestCheckpoint(folder))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: damaged,
      path: fileOf(folder, 30),
    });
    expect(readTree(folder)).toEqual(before);
  });

  test('of a newer version is not passed over, which would lose it', () => {
    const folder = createCheckpoints();
    const file = { header: { kind: 'checkpoint' }, arrays: [] };
    fs.writeFileSync(
      fileOf(folder, 30),
      sealChanged(file, (bytes) => bytes.writeUInt32LE(2, 8)),
    );
    const before = readTree(folder);
    expect(catchError(() => loadNewestCheckpoint(folder))).toMatchObject({
      code: 'E_MODEL_VERSION',
      message: 'cannot read step-000030.ckpt: it has format version 2, this tool reads up to 1',
    });
    expect(readTree(folder)).toEqual(before);
  });

  test.each(['EMFILE', 'EIO', 'EACCES'])('that cannot be read for %s is not taken for damaged', (errno) => {
    const folder = createCheckpoints();
    vi.spyOn(fs, 'openSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('as a test wants it'), { code: errno });
    });
    expect(catchError(() => loadNewestCheckpoint(folder)).code).toBe(
      errno === 'EACCES' ? 'E_NO_INPUT' : 'E_IO',
    );
  });

  test('is found by its step, not by its time', () => {
    const folder = createCheckpoints();
    fs.utimesSync(fileOf(folder, 30), new Date(0), new Date(0));
    expect(loadNewestCheckpoint(folder).state.step).toBe(30);
  });

  test.each([
    'step-30.ckpt',
    'step-000040.ckpt.bad',
    'step-000040.ckpt.tmp-1-ab',
    'latest',
    'xstep-000040.ckpt',
  ])('is none named %s', (name) => {
    const folder = createCheckpoints();
    fs.copyFileSync(fileOf(folder, 10), path.join(folder, name));
    const { state, skipped } = loadNewestCheckpoint(folder);
    expect([state.step, skipped]).toEqual([30, []]);
  });
});

test.each([
  ['an empty folder', (folder: string) => folder],
  ['a missing folder', (folder: string) => path.join(folder, 'missing')],
])('in %s there is no checkpoint', (_, find) => {
  expect(catchError(() => loadNewestCheckpoint(find(createFolderForTest())))).toMatchObject({
    code: 'E_NO_CHECKPOINT',
    message: 'there is no checkpoint to go on from',
  });
});

describe('a small checkpoint', () => {
  test('with any bit of its start or header flipped is rejected as damaged', () => {
    const { file, bytes } = saveSmall();
    const headerEnd = 48 + bytes.readUInt32LE(12);
    const codes = new Set<string>();
    for (let bit = 0; bit < headerEnd * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      fs.writeFileSync(file, changed);
      codes.add(catchError(() => loadNewestCheckpoint(path.dirname(file))).code);
    }
    expect([...codes]).toEqual(['E_MODEL_FORMAT']);
  });

  test('cut to any length is rejected as damaged', () => {
    const { file, bytes } = saveSmall();
    const codes = new Set<string>();
    for (let length = bytes.length - 1; length >= 0; length--) {
      fs.truncateSync(file, length);
      codes.add(catchError(() => loadNewestCheckpoint(path.dirname(file))).code);
    }
    expect([...codes]).toEqual(['E_MODEL_FORMAT']);
  });
});

describe('setAside', () => {
  test('keeps a damaged checkpoint under a name that is not tried again', () => {
    const folder = createCheckpoints();
    flipBit(fileOf(folder, 30), 200);
    const bytes = fs.readFileSync(fileOf(folder, 30));
    setAside(loadNewestCheckpoint(folder).skipped);
    expect([fs.readdirSync(folder), fs.readFileSync(`${fileOf(folder, 30)}.bad`).equals(bytes)]).toEqual([
      ['step-000010.ckpt', 'step-000020.ckpt', 'step-000030.ckpt.bad'],
      true,
    ]);
  });

  test('passes over one that is gone', () => {
    const file = path.join(createFolderForTest(), 'step-000030.ckpt');
    expect(() => setAside([{ file, reason: 'gone' }])).not.toThrow();
  });
});

describe('removeOrphans', () => {
  test('removes the temp file of a process that is gone', async () => {
    const folder = createFolderForTest();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    fs.writeFileSync(path.join(folder, `step-000010.ckpt.tmp-${child.pid}-0a1b2c3d`), '');
    removeOrphans(folder);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test('leaves the temp file of a process that lives', () => {
    const folder = createFolderForTest();
    const name = `step-000010.ckpt.tmp-${process.ppid}-0a1b2c3d`;
    fs.writeFileSync(path.join(folder, name), '');
    removeOrphans(folder);
    expect(fs.readdirSync(folder)).toEqual([name]);
  });

  test.each(['notes.tmp', 'x.tmp-999999999', 'step-000010.ckpt', 'x.tmp-999999999-xyz'])(
    'leaves %s, which is no temp file of ours',
    (name) => {
      const folder = createFolderForTest();
      fs.writeFileSync(path.join(folder, name), '');
      removeOrphans(folder);
      expect(fs.readdirSync(folder)).toEqual([name]);
    },
  );

  test('passes over a folder that is not there', () => {
    expect(() => removeOrphans(path.join(createFolderForTest(), 'missing'))).not.toThrow();
  });
});

function saveSmall(): { readonly file: string; readonly bytes: Buffer } {
  const folder = createFolderForTest();
  saveCheckpoint(folder, createState(1), 2);
  const file = fileOf(folder, 1);
  return { file, bytes: fs.readFileSync(file) };
}

function flipBit(file: string, at: number): void {
  const bytes = fs.readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  fs.writeFileSync(file, bytes);
}

/** A whole checkpoint of step 30 with one array of one value. */
function forge(name: string, value: number): Buffer {
  return encodeTensorFile({
    header: { kind: 'checkpoint', step: 30, elapsedMs: 0 },
    arrays: [{ name, shape: [1], values: Float32Array.of(value) }],
  });
}
