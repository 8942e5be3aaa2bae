import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  loadCheckpointAt,
  loadNewestCheckpoint,
  removeOrphans,
  saveCheckpoint,
} from '../../src/run/checkpoint.ts';
import { catchError } from '../support/caught.ts';
import { createCheckpoints } from '../support/checkpoints.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { createState } from '../support/training-state.ts';

afterEach(() => vi.restoreAllMocks());

describe('a saved checkpoint', () => {
  test('is loaded with the same bits', () => {
    const folder = createTempFolder();
    const state = createState(7, { best: { step: 5, loss: 0.25, accuracy: 0.975 } });
    saveCheckpoint(folder, state, 3);
    expect(loadNewestCheckpoint(folder).state).toEqual(state);
  });

  test('is named by its step', () => {
    expect(saveCheckpoint(createTempFolder(), createState(350), 3)).toBe('step-000350.ckpt');
  });

  test('may have more steps than six digits', () => {
    const folder = createTempFolder();
    saveCheckpoint(folder, createState(999_999), 3);
    saveCheckpoint(folder, createState(1_000_000), 3);
    expect(loadNewestCheckpoint(folder).state.step).toBe(1_000_000);
  });

  test('replaces one of the same step', () => {
    const folder = createTempFolder();
    saveCheckpoint(folder, createState(7), 3);
    saveCheckpoint(folder, createState(7, { elapsedMs: 99 }), 3);
    expect(loadCheckpointAt(folder, 7).elapsedMs).toBe(99);
  });

  test('can be loaded by its step', () => {
    expect(loadCheckpointAt(createCheckpoints(), 20)).toEqual(createState(20));
  });

  test('makes its folder, with parents', () => {
    const folder = path.join(createTempFolder(), 'net', 'checkpoints');
    saveCheckpoint(folder, createState(7), 3);
    expect(fs.readdirSync(folder)).toEqual(['step-000007.ckpt']);
  });
});

describe('older checkpoints', () => {
  const savedSteps = (keep: number, best?: number) => {
    const folder = createTempFolder();
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

  test('are kept where they are the best (D27)', () => {
    expect(savedSteps(3, 10)).toEqual([10, 30, 40, 50]);
  });

  test.each([0, 1, 2])('are at least one besides the newest, also with keep %i (D27)', (keep) => {
    expect(savedSteps(keep)).toEqual([40, 50]);
  });

  test('are removed only after the new one is durable (D27)', () => {
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
    expect(failWith('ENOSPC', createTempFolder()).hint).toBe('No checkpoint has been saved yet.');
  });
});

describe('removeOrphans', () => {
  test('removes the temp file of a process that is gone', async () => {
    const folder = createTempFolder();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    fs.writeFileSync(path.join(folder, `step-000010.ckpt.tmp-${child.pid}-0a1b2c3d`), '');
    removeOrphans(folder);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test('leaves the temp file of a process that lives', () => {
    const folder = createTempFolder();
    const name = `step-000010.ckpt.tmp-${process.ppid}-0a1b2c3d`;
    fs.writeFileSync(path.join(folder, name), '');
    removeOrphans(folder);
    expect(fs.readdirSync(folder)).toEqual([name]);
  });

  test.each(['notes.tmp', 'x.tmp-999999999', 'step-000010.ckpt', 'x.tmp-999999999-xyz'])(
    'leaves %s, which is not a temp file of ours',
    (name) => {
      const folder = createTempFolder();
      fs.writeFileSync(path.join(folder, name), '');
      removeOrphans(folder);
      expect(fs.readdirSync(folder)).toEqual([name]);
    },
  );

  test('skips a folder that is not there', () => {
    expect(() => removeOrphans(path.join(createTempFolder(), 'missing'))).not.toThrow();
  });
});
