import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { unzip } from '../../setup/unzip.mjs';
import { createTempFolder, readTree } from '../support/folder.ts';
import { preferPython } from '../support/python.ts';
import { createZip, type ZipMember } from '../support/zip.ts';

preferPython();

describe('a good archive', () => {
  test.each([
    ['a deflated member', { name: 'a/b.txt', content: 'digits'.repeat(20) }],
    ['a stored member', { name: 'b.txt', content: 'digits', method: 0 }],
    ['an empty member', { name: 'c.txt', content: '', method: 0 }],
  ])('%s unpacks to its content', async (_kind, member) => {
    const { file, target } = write([member]);
    expect(await unpack(file, target)).toEqual({ [member.name]: member.content.length });
    expect(readTree(target)).toEqual({ [member.name]: encode(member.content) });
  });

  test('what is to be unpacked is announced first, then each piece', async () => {
    const { file, target } = write([
      { name: 'a', content: 'x'.repeat(900) },
      { name: 'b', content: 'y'.repeat(90) },
    ]);
    const told: object[] = [];
    await unpack(file, target, (report) => told.push(report));
    expect(told).toEqual([{ total: 990 }, { done: 900 }, { done: 990 }]);
  });

  test('only what a rule names is unpacked, and where it says', async () => {
    const { file, target } = write([{ name: 'a/b/c', content: '1' }, { name: 'a/d' }, { name: 'e' }]);
    const rules = [[String.raw`a/(b)/(.*[^/])`, String.raw`\2/\1`]] as const;
    expect(await unzip({ file, target, rules }, () => undefined)).toEqual({ 'c/b': 1 });
    expect(readTree(target)).toEqual({ 'c/b': encode('1') });
  });

  test('a program stays one, and nothing else becomes one', async () => {
    const { file, target } = write([{ name: 'a', unixMode: 0o100755 }, { name: 'b' }]);
    await unpack(file, target);
    const isProgram = (name: string) => (fs.statSync(path.join(target, name)).mode & 0o111) !== 0;
    expect(['a', 'b'].map(isProgram)).toEqual([true, false]);
  });
});

describe('a hostile archive is refused before a byte is unpacked (C6)', () => {
  test.each<[string, ZipMember, string]>([
    ['a parent folder', { name: '../x' }, 'member ../x would be written outside its folder'],
    ['a hidden parent', { name: 'a/../../x' }, 'member a/../../x would be written outside its folder'],
    ['an absolute path', { name: '/etc/x' }, 'member /etc/x would be written outside its folder'],
    ['a backslash', { name: 'a\\..\\x' }, 'member a\\..\\x would be written outside its folder'],
    ['a drive', { name: 'C:x' }, 'member C:x would be written outside its folder'],
    ['a NUL', { name: 'a\0b' }, 'member a\\x00b would be written outside its folder'],
    ['an escape', { name: '../\x1b[31m' }, 'member ../\\x1b[31m would be written outside its folder'],
    ['a symbolic link', { name: 'link', unixMode: 0o120777 }, 'member link is a symbolic link'],
    ['encryption', { name: 'a', flags: 1 }, 'member a is encrypted'],
    ['another compression', { name: 'a', method: 12 }, 'member a uses compression method 12'],
    [
      'a bomb that says so',
      { name: 'a', declaredBytes: 1001 },
      'its members hold 1001 bytes, the limit is 1000',
    ],
  ])('%s', async (_kind, member, reason) => {
    const { file, target } = write([{ name: 'good' }, member]);
    await expect(unpack(file, target)).rejects.toMatchObject({
      code: 'E_ZIP',
      message: `cannot unpack test.zip: ${reason}`,
    });
    expect(fs.existsSync(target)).toBe(false);
  });

  test('the same name twice', async () => {
    const { file, target } = write([{ name: 'a' }, { name: 'a' }]);
    await expect(unpack(file, target)).rejects.toThrow('cannot unpack test.zip: member a appears twice');
  });

  test('too many members', async () => {
    const { file, target } = write([{ name: 'a' }, { name: 'b' }]);
    const limited = unzip({ file, target, rules: [], maxMembers: 1 }, () => undefined);
    await expect(limited).rejects.toThrow('cannot unpack test.zip: it has 2 members, the limit is 1');
  });

  // Of 108 bytes 39 are the member, 47 the directory and 22 the end record.
  test.each([0, 1, 20, 35, 39, 60, 85, 86, 107])('an archive cut after %d bytes', async (length) => {
    const { file, target } = write([{ name: 'a', content: 'digits' }]);
    const whole = fs.readFileSync(file);
    fs.writeFileSync(file, whole.subarray(0, length));
    await expect(unpack(file, target)).rejects.toMatchObject({
      code: 'E_ZIP',
      message: 'cannot unpack test.zip: it has no ZIP directory; it was probably cut off',
    });
    expect(fs.existsSync(target)).toBe(false);
  });
});

describe('a member that is not what the directory says', () => {
  test('a bomb that hides its size stops at the declared one (C6)', async () => {
    const { file, target } = write([{ name: 'a', content: 'x'.repeat(5_000_000), declaredBytes: 100 }]);
    await expect(unpack(file, target)).rejects.toThrow(
      'cannot unpack test.zip: member a is larger than its 100 bytes',
    );
    expect(fs.statSync(path.join(target, 'a')).size).toBeLessThanOrEqual(100);
  });

  test('a member shorter than declared is refused', async () => {
    const { file, target } = write([{ name: 'a', content: 'xyz', declaredBytes: 4, crc: 0xabcd }]);
    await expect(unpack(file, target)).rejects.toThrow(
      'cannot unpack test.zip: member a has 3 bytes with CRC eb8eba67, the directory says 4 bytes with CRC abcd',
    );
  });

  test('a wrong CRC is refused', async () => {
    const { file, target } = write([{ name: 'a', content: 'xyz', crc: 1 }]);
    await expect(unpack(file, target)).rejects.toThrow(
      'cannot unpack test.zip: member a has 3 bytes with CRC eb8eba67, the directory says 3 bytes with CRC 1',
    );
  });

  test('damaged compressed bytes are refused', async () => {
    const { file, target } = write([{ name: 'a', content: 'digits and more digits' }]);
    const bytes = fs.readFileSync(file);
    bytes[31] = 0xff;
    fs.writeFileSync(file, bytes);
    await expect(unpack(file, target)).rejects.toThrow(/^cannot unpack test.zip: member a is damaged: /);
  });
});

test('where Python does not work, its own words are shown', async () => {
  const { file, target } = write([{ name: 'a' }]);
  const bin = path.dirname(file);
  fs.writeFileSync(path.join(bin, 'python3'), '#!/bin/sh\necho out of order >&2\nexit 3\n', { mode: 0o755 });
  vi.stubEnv('PATH', bin);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(unpack(file, target)).rejects.toMatchObject({
    code: 'E_NATIVE',
    message: 'cannot unpack the wheel: python3 does not work: exit code 3',
    output: ['out of order'],
  });
});

const encode = (content: string) => Buffer.from(content).toString('base64');

function write(members: readonly ZipMember[]): { readonly file: string; readonly target: string } {
  const folder = createTempFolder();
  const file = path.join(folder, 'test.zip');
  fs.writeFileSync(file, createZip(members));
  return { file, target: path.join(folder, 'out') };
}

function unpack(file: string, target: string, onReport: (report: object) => void = () => undefined) {
  const rules = [['(.*[^/])', String.raw`\1`]] as const;
  return unzip({ file, target, rules, maxTotalBytes: 1000 }, onReport);
}
