import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  asFailedWork,
  checkWritable,
  createFolder,
  fileError,
  formatCount,
  removeIfThere,
  syncFolder,
  writeFileAtomic,
  writeFiles,
} from '../../src/core/files.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';
import { createSystemError } from '../support/system-error.ts';

afterEach(() => vi.restoreAllMocks());

describe('writeFileAtomic', () => {
  test('writes bytes', () => {
    const file = path.join(createTempFolder(), 'x.bin');
    writeFileAtomic(file, Uint8Array.of(0, 255, 7));
    expect([...fs.readFileSync(file)]).toEqual([0, 255, 7]);
  });

  test('writes text as UTF-8', () => {
    const file = path.join(createTempFolder(), 'x.txt');
    writeFileAtomic(file, 'ä');
    expect([...fs.readFileSync(file)]).toEqual([0xc3, 0xa4]);
  });

  test('writes an empty file', () => {
    const file = path.join(createTempFolder(), 'x.bin');
    writeFileAtomic(file, '');
    expect(fs.statSync(file).size).toBe(0);
  });

  test('continues where the system wrote only a part', () => {
    const file = path.join(createTempFolder(), 'x.txt');
    const { writeSync } = fs;
    const writeOneByte = (handle: number, bytes: unknown, offset: unknown) =>
      bytes instanceof Uint8Array && typeof offset === 'number' ? writeSync(handle, bytes, offset, 1) : 0;
    vi.spyOn(fs, 'writeSync').mockImplementation(writeOneByte);
    writeFileAtomic(file, 'in parts');
    expect(fs.readFileSync(file, 'utf8')).toBe('in parts');
  });

  test('leaves no temp file', () => {
    const folder = createTempFolder();
    writeFileAtomic(path.join(folder, 'x'), 'new');
    expect(fs.readdirSync(folder)).toEqual(['x']);
  });

  test('makes the bytes durable before the name, and the name after', () => {
    const calls: string[] = [];
    const { fsyncSync, renameSync } = fs;
    vi.spyOn(fs, 'fsyncSync').mockImplementation((handle) => {
      calls.push(fs.fstatSync(handle).isDirectory() ? 'sync folder' : 'sync file');
      fsyncSync(handle);
    });
    vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      calls.push('rename');
      renameSync(from, to);
    });
    writeFileAtomic(path.join(createTempFolder(), 'x'), 'new');
    expect(calls).toEqual(['sync file', 'rename', 'sync folder']);
  });

  const steps = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync'] as const;

  test.each(steps)('keeps the old bytes and no temp file where %s fails', (step) => {
    const folder = createTempFolder();
    const file = path.join(folder, 'x');
    fs.writeFileSync(file, 'old');
    const original = fs[step] as (...values: unknown[]) => unknown;
    vi.spyOn(fs, step).mockImplementationOnce((...values: unknown[]) => {
      if (step === 'closeSync') original(...values);
      throw createSystemError('ENOSPC');
    });
    const error = catchError(() => writeFileAtomic(file, 'new'));
    expect([error.code, error.message, fs.readFileSync(file, 'utf8'), fs.readdirSync(folder)]).toEqual([
      'E_DISK_FULL',
      'cannot write x: the disk is full (ENOSPC)',
      'old',
      ['x'],
    ]);
  });

  test('names a missing folder by its file', () => {
    const file = path.join(createTempFolder(), 'missing', 'x');
    expect(catchError(() => writeFileAtomic(file, '')).message).toBe(
      'cannot write x: it does not exist (ENOENT)',
    );
  });
});

describe('writeFiles', () => {
  test('writes each under its name into a folder that it makes, and gives the paths in order', () => {
    const folder = path.join(createTempFolder(), 'new');
    const files = writeFiles(folder, { 'b.txt': 'two', 'a.bin': Uint8Array.of(1) });
    expect(files).toEqual([path.join(folder, 'b.txt'), path.join(folder, 'a.bin')]);
    expect(files.map((file) => fs.readFileSync(file, 'latin1'))).toEqual(['two', '\u0001']);
  });
});

describe('checkWritable', () => {
  test('leaves nothing behind, nor the folders that the file will need', () => {
    const folder = createTempFolder();
    checkWritable(path.join(folder, 'a', 'b', 'x'));
    checkWritable(path.join(folder, 'x'));
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test('leaves a file of that name as it is', () => {
    const file = path.join(createTempFolder(), 'x');
    fs.writeFileSync(file, 'old');
    checkWritable(file);
    expect(fs.readFileSync(file, 'utf8')).toBe('old');
  });

  test.each([
    ['.', 'it is a folder (EISDIR)'],
    ['file/x', 'a part of the path is not a folder (ENOTDIR)'],
    ['file/a/x', 'a part of the path is not a folder (ENOTDIR)'],
    // The file could just be made, but not the temp file beside it.
    ['x'.repeat(250), 'the name is too long (ENAMETOOLONG)'],
  ])('refuses %s', (name, reason) => {
    const file = path.join(createTempFolder(), 'file');
    fs.writeFileSync(file, '');
    const error = catchError(() => checkWritable(path.join(path.dirname(file), name)));
    expect([error.code, error.message.split(': ')[1]]).toEqual(['E_NOT_WRITABLE', reason]);
  });

  test('reports a full disk as a full disk', () => {
    vi.spyOn(fs, 'openSync').mockImplementationOnce(() => {
      throw createSystemError('ENOSPC');
    });
    expect(catchError(() => checkWritable(path.join(createTempFolder(), 'x'))).code).toBe('E_DISK_FULL');
  });
});

describe('syncFolder', () => {
  test('skips a system that cannot sync folders', () => {
    vi.spyOn(fs, 'fsyncSync').mockImplementationOnce(() => {
      throw createSystemError('EINVAL');
    });
    expect(() => syncFolder(createTempFolder())).not.toThrow();
  });

  test('reports a disk error', () => {
    vi.spyOn(fs, 'fsyncSync').mockImplementationOnce(() => {
      throw createSystemError('EIO');
    });
    expect(() => syncFolder(createTempFolder())).toThrow('EIO');
  });
});

describe('createFolder', () => {
  test('makes parents too', () => {
    const folder = path.join(createTempFolder(), 'a', 'b');
    createFolder(folder);
    expect(fs.statSync(folder).isDirectory()).toBe(true);
  });

  test('leaves one that is there', () => {
    const folder = createTempFolder();
    fs.writeFileSync(path.join(folder, 'x'), '');
    createFolder(folder);
    expect(fs.readdirSync(folder)).toEqual(['x']);
  });

  test('cannot stand below a file', () => {
    const file = path.join(createTempFolder(), 'x');
    fs.writeFileSync(file, '');
    const error = catchError(() => createFolder(path.join(file, 'y')));
    expect([error.code, error.message]).toEqual([
      'E_NOT_WRITABLE',
      'cannot create y: a part of the path is not a folder (ENOTDIR)',
    ]);
  });
});

describe('fileError', () => {
  test.each([
    ['ENOSPC', 'E_DISK_FULL'],
    ['EDQUOT', 'E_DISK_FULL'],
    ['EFBIG', 'E_DISK_FULL'],
    ['EACCES', 'E_NOT_WRITABLE'],
    ['EROFS', 'E_NOT_WRITABLE'],
    ['ENAMETOOLONG', 'E_NOT_WRITABLE'],
    ['EIO', 'E_IO'],
    ['EMFILE', 'E_IO'],
    ['ENFILE', 'E_IO'],
  ])('takes %s for %s', (errno, code) => {
    expect(fileError(createSystemError(errno), 'write', 'x').code).toBe(code);
  });

  test('leaves an error of ours as it is', () => {
    const error = fileError(createSystemError('EIO'), 'write', 'x');
    expect(fileError(error, 'read', 'y')).toBe(error);
  });

  test('keeps the cause', () => {
    const cause = createSystemError('EIO');
    expect(fileError(cause, 'write', 'x').cause).toBe(cause);
  });
});

describe('a place that can no longer be written once work has begun', () => {
  test('is trouble with the disk, reported in the same words (D26)', () => {
    const error = fileError(createSystemError('EACCES'), 'write', 'net/x');
    const {
      code,
      message,
      path: place,
      cause,
    } = catchError(() => {
      throw asFailedWork(error);
    });
    expect([code, message, place, cause]).toEqual(['E_IO', error.message, 'net/x', error.cause]);
  });

  test('leaves other errors as they are', () => {
    const error = fileError(createSystemError('ENOSPC'), 'write', 'x');
    expect(asFailedWork(error)).toBe(error);
  });
});

test('removing a file that is not there is not an error', () => {
  expect(() => removeIfThere(path.join(createTempFolder(), 'x'))).not.toThrow();
});

test('counts have commas', () => {
  expect(formatCount(47_040_016)).toBe('47,040,016');
});
