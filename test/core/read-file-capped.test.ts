import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readFileCapped } from '../../src/core/files.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';
import { createSystemError } from '../support/system-error.ts';

afterEach(() => vi.restoreAllMocks());

describe('readFileCapped', () => {
  test('reads a file that is just as large as the limit', () => {
    const file = path.join(createTempFolder(), 'x');
    fs.writeFileSync(file, '1234');
    expect(readFileCapped(file, 4, 'E_CONFIG').toString()).toBe('1234');
  });

  test('refuses one byte more with both sizes, and reads nothing', () => {
    const file = path.join(createTempFolder(), 'x');
    fs.writeFileSync(file, '12345');
    const read = vi.spyOn(fs, 'readFileSync');
    const error = catchError(() => readFileCapped(file, 4, 'E_CONFIG'));
    expect([error.code, error.message, error.path, error.expected, error.actual]).toEqual([
      'E_CONFIG',
      'cannot read x: it has 5 bytes, the limit is 4',
      file,
      'at most 4',
      '5',
    ]);
    expect(read).not.toHaveBeenCalled();
  });

  test('names a missing file', () => {
    const error = catchError(() => readFileCapped(path.join(createTempFolder(), 'x'), 4, 'E_CONFIG'));
    expect([error.code, error.message]).toEqual(['E_NO_INPUT', 'cannot read x: it does not exist (ENOENT)']);
  });

  test('names a loop of links', () => {
    const link = path.join(createTempFolder(), 'x');
    fs.symlinkSync(link, link);
    const error = catchError(() => readFileCapped(link, 4, 'E_CONFIG'));
    expect([error.code, error.message]).toEqual([
      'E_NO_INPUT',
      'cannot read x: too many symbolic links, probably a loop (ELOOP)',
    ]);
  });

  test('takes too many open files for trouble, not for a missing file', () => {
    const file = path.join(createTempFolder(), 'x');
    fs.writeFileSync(file, '');
    vi.spyOn(fs, 'openSync').mockImplementationOnce(() => {
      throw createSystemError('EMFILE');
    });
    const error = catchError(() => readFileCapped(file, 4, 'E_CONFIG'));
    expect([error.code, error.message]).toEqual([
      'E_IO',
      'cannot read x: too many open files in this process (EMFILE)',
    ]);
  });

  test('closes the file when reading fails', () => {
    const file = path.join(createTempFolder(), 'x');
    fs.writeFileSync(file, '');
    const close = vi.spyOn(fs, 'closeSync');
    vi.spyOn(fs, 'readFileSync').mockImplementationOnce(() => {
      throw createSystemError('EIO');
    });
    expect(catchError(() => readFileCapped(file, 4, 'E_CONFIG')).code).toBe('E_IO');
    expect(close).toHaveBeenCalledOnce();
  });

  test('refuses a folder', () => {
    const folder = path.join(createTempFolder(), 'x');
    fs.mkdirSync(folder);
    expect(catchError(() => readFileCapped(folder, 4, 'E_CONFIG')).message).toBe(
      'cannot read x: it is a folder, not a regular file',
    );
  });

  test('does not open a pipe, which would wait forever', () => {
    const pipe = path.join(createTempFolder(), 'x');
    execFileSync('mkfifo', [pipe]);
    const open = vi.spyOn(fs, 'openSync');
    expect(catchError(() => readFileCapped(pipe, 4, 'E_CONFIG')).message).toBe(
      'cannot read x: it is a device, pipe or socket, not a regular file',
    );
    expect(open).not.toHaveBeenCalled();
  });

  test('escapes what a file name does to a terminal', () => {
    const file = path.join(createTempFolder(), '\u001b[2Jx');
    expect(catchError(() => readFileCapped(file, 4, 'E_CONFIG')).message).toBe(
      'cannot read \\x1b[2Jx: it does not exist (ENOENT)',
    );
  });
});
