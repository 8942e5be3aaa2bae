import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { errnoOf, escapeText, exitCodes, formatErrno, TrainerError } from '../../src/core/errors.ts';
import { createTempFolder } from '../support/folder.ts';

describe('TrainerError', () => {
  test('carries its code, its message and every detail', () => {
    const error = new TrainerError('E_IO', 'cannot', {
      path: 'p',
      expected: 'e',
      actual: 'a',
      hint: 'h',
      command: 'c',
    });
    expect(error).toMatchObject({
      name: 'TrainerError',
      code: 'E_IO',
      message: 'cannot',
      path: 'p',
      expected: 'e',
      actual: 'a',
      hint: 'h',
      command: 'c',
    });
  });

  test('keeps the cause', () => {
    const cause = new Error('deeper');
    expect(new TrainerError('E_IO', 'cannot', { cause }).cause).toBe(cause);
  });

  test('has no cause where none is given', () => {
    expect('cause' in new TrainerError('E_IO', 'cannot')).toBe(false);
  });
});

test('exit codes are those of the table, and no code stands for two groups', () => {
  expect([...new Set(Object.values(exitCodes))]).toEqual([1, 2, 65, 66, 69, 71, 73, 74, 75, 80, 81]);
});

describe('errnoOf', () => {
  test('names the errno of a failed system call', () => {
    const missing = path.join(createTempFolder(), 'missing');
    let error: unknown;
    try {
      fs.openSync(missing, 'r');
    } catch (caught) {
      error = caught;
    }
    expect(errnoOf(error)).toBe('ENOENT');
  });

  test.each([
    ['a plain error', new Error('no')],
    ['an error of Node itself', Object.assign(new Error('no'), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['an error of ours', new TrainerError('E_IO', 'no')],
    ['what is no error', { code: 'ENOENT' }],
  ])('is undefined for %s', (_, error) => {
    expect(errnoOf(error)).toBeUndefined();
  });
});

describe('formatErrno', () => {
  test.each([
    ['ENOSPC', 'the disk is full (ENOSPC)'],
    ['EACCES', 'permission denied (EACCES)'],
    ['EMFILE', 'too many open files in this process (EMFILE)'],
    ['EXYZ', 'the system refused (EXYZ)'],
  ])('puts %s into words', (code, words) => {
    expect(formatErrno(Object.assign(new Error('x'), { code }))).toBe(words);
  });

  test('gives the message of an error without errno', () => {
    expect(formatErrno(new Error('broken'))).toBe('broken');
  });

  test('gives the text of what is not an error', () => {
    expect(formatErrno('broken')).toBe('broken');
  });
});

describe('escapeText', () => {
  test.each([
    ['an escape sequence', '\u001b[31mred', '\\x1b[31mred'],
    ['a line feed', 'a\nb', 'a\\x0ab'],
    ['NUL', 'a\0b', 'a\\x00b'],
    ['a C1 control', 'a\u009bb', 'a\\x9bb'],
    ['a bidi override', 'a\u202eb', 'a\\u202eb'],
    ['the Arabic letter mark', 'a\u061cb', 'a\\u061cb'],
  ])('escapes %s', (_, text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });

  test('leaves other alphabets alone', () => {
    expect(escapeText('données 数字 😀')).toBe('données 数字 😀');
  });

  test('leaves 200 characters whole', () => {
    expect(escapeText('x'.repeat(200))).toBe('x'.repeat(200));
  });

  test('cuts 201 characters to 200, the last an ellipsis', () => {
    expect(escapeText('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
  });
});
