import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodeTensorFile } from '../../src/core/tensor-file.ts';
import { loadNewestCheckpoint, saveCheckpoint, setAside } from '../../src/run/checkpoint.ts';
import { catchError } from '../support/caught.ts';
import { createCheckpoints, fileOf } from '../support/checkpoints.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { sealChanged } from '../support/sealed-file.ts';
import { createState } from '../support/training-state.ts';

afterEach(() => vi.restoreAllMocks());

const fail = (errno: string) => () => {
  throw Object.assign(new Error(`${errno}: injected`), { code: errno });
};

const damaged =
  'cannot read step-000030.ckpt: its SHA-256 differs from the one stored in it: it is damaged or was cut off';

describe('the newest checkpoint', () => {
  test.each<[string, (file: string) => void, string]>([
    ['cut short', (file) => fs.truncateSync(file, fs.statSync(file).size - 1), damaged],
    ['with one bit flipped', (file) => flipBit(file, 200), damaged],
    [
      'emptied',
      (file) => fs.truncateSync(file),
      'cannot read step-000030.ckpt: it has 0 bytes, fewer than the 48 of its fixed header',
    ],
    [
      'that is a weights file',
      (file) => fs.writeFileSync(file, encodeTensorFile({ header: { kind: 'weights' }, arrays: [] })),
      'cannot read step-000030.ckpt: it is not a checkpoint',
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
  ])('%s is skipped in favor of the one before', (_, damage, reason) => {
    const folder = createCheckpoints();
    damage(fileOf(folder, 30));
    const { state, file, skipped } = loadNewestCheckpoint(folder);
    expect([state, file, skipped]).toEqual([
      createState(20),
      fileOf(folder, 20),
      [{ file: fileOf(folder, 30), reason }],
    ]);
  });

  test('listed but gone when it is read is skipped', () => {
    const folder = createCheckpoints();
    fs.symlinkSync('nowhere', fileOf(folder, 40));
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

  test('is reported with its reason where none is whole, and nothing is touched', () => {
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

  test('of a newer version is not skipped, which would lose it', () => {
    const folder = createCheckpoints();
    const file = { header: { kind: 'checkpoint' }, arrays: [] };
    fs.writeFileSync(
      fileOf(folder, 30),
      sealChanged(file, (bytes) => bytes.writeUInt32LE(2, 8)),
    );
    const before = readTree(folder);
    expect(catchError(() => loadNewestCheckpoint(folder))).toMatchObject({
      code: 'E_MODEL_VERSION',
      message: 'cannot read step-000030.ckpt: it has format version 2, but this tool reads up to 1',
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
  expect(catchError(() => loadNewestCheckpoint(find(createTempFolder())))).toMatchObject({
    code: 'E_NO_CHECKPOINT',
    message: 'there is no checkpoint to resume from',
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

  test('skips one that is gone', () => {
    const file = path.join(createTempFolder(), 'step-000030.ckpt');
    expect(() => setAside([{ file, reason: 'gone' }])).not.toThrow();
  });
});

function saveSmall(): { readonly file: string; readonly bytes: Buffer } {
  const folder = createTempFolder();
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

test('a damaged checkpoint that cannot be renamed is an error of the disk', () => {
  const folder = createCheckpoints();
  vi.spyOn(fs, 'renameSync').mockImplementation(fail('EIO'));
  expect(catchError(() => setAside([{ file: fileOf(folder, 30), reason: 'damaged' }]))).toMatchObject({
    code: 'E_IO',
    message: 'cannot rename step-000030.ckpt: the disk reports an error (EIO)',
  });
});

test('a folder that cannot be listed is not taken for one without checkpoints', () => {
  const folder = createCheckpoints();
  vi.spyOn(fs, 'readdirSync').mockImplementation(fail('EIO'));
  expect(catchError(() => loadNewestCheckpoint(folder))).toMatchObject({ code: 'E_IO', path: folder });
});

test('a state that cannot be written down is an error of the program, and leaves the others', () => {
  const folder = createCheckpoints();
  const before = readTree(folder);
  // A value that no caller can give: TypeScript stands before it.
  const state = createState(40, { elapsedMs: 1n as unknown as number });
  expect(() => saveCheckpoint(folder, state, 5)).toThrow(TypeError);
  expect(readTree(folder)).toEqual(before);
});
