import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readZipDirectory, unpackMember } from '../../setup/zip.mjs';
import { createFolderForTest } from '../support/folder.ts';
import { createZip, type ZipMember } from '../support/zip.ts';

const maxTotalBytes = 1000;

describe('a good archive', () => {
  test.each([
    ['a deflated member', { name: 'a/b.txt', content: 'digits'.repeat(20) }],
    ['a stored member', { name: 'b.txt', content: 'digits', method: 0 }],
    ['an empty member', { name: 'c.txt', content: '', method: 0 }],
  ])('%s unpacks to its content', async (_kind, member) => {
    const { file, target } = write([member]);
    await unpackFirst(file, target);
    expect(fs.readFileSync(target, 'utf8')).toBe(member.content);
  });

  test('each piece is reported while it is unpacked', async () => {
    const { file, target } = write([{ name: 'a', content: 'x'.repeat(900) }]);
    let toldBytes = 0;
    await unpackFirst(file, target, (count: number) => {
      toldBytes += count;
    });
    expect(toldBytes).toBe(900);
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
  ])('%s', (_kind, member, reason) => {
    const { file } = write([{ name: 'good' }, member]);
    expect(() => readZipDirectory(file, maxTotalBytes)).toThrow(
      expect.objectContaining({ code: 'E_ZIP', message: `cannot unpack test.zip: ${reason}` }),
    );
  });

  test('the same name twice', () => {
    const { file } = write([{ name: 'a' }, { name: 'a' }]);
    expect(() => readZipDirectory(file, maxTotalBytes)).toThrow(
      'cannot unpack test.zip: member a appears twice',
    );
  });

  test('an archive cut at any length', () => {
    const { file } = write([{ name: 'a', content: 'digits' }]);
    const whole = fs.readFileSync(file);
    const accepted = [...whole.keys()].filter((length) => {
      fs.writeFileSync(file, whole.subarray(0, length));
      try {
        readZipDirectory(file, maxTotalBytes);
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_ZIP' });
        return false;
      }
    });
    expect(accepted).toEqual([]);
  });
});

describe('a member that is not what the directory says', () => {
  test('a bomb that hides its size stops at the declared one (C6)', async () => {
    const { file, target } = write([{ name: 'a', content: 'x'.repeat(5_000_000), declaredBytes: 100 }]);
    await expect(unpackFirst(file, target)).rejects.toThrow(
      'cannot unpack test.zip: member a is larger than its 100 bytes',
    );
    expect(fs.statSync(target).size).toBeLessThanOrEqual(100);
  });

  test('a member shorter than declared is refused', async () => {
    const { file, target } = write([{ name: 'a', content: 'xyz', declaredBytes: 4, crc: 0xabcd }]);
    await expect(unpackFirst(file, target)).rejects.toThrow(
      'cannot unpack test.zip: member a has 3 bytes with CRC eb8eba67, the directory says 4 bytes with CRC abcd',
    );
  });

  test('a wrong CRC is refused', async () => {
    const { file, target } = write([{ name: 'a', content: 'xyz', crc: 1 }]);
    await expect(unpackFirst(file, target)).rejects.toThrow(
      'cannot unpack test.zip: member a has 3 bytes with CRC eb8eba67, the directory says 3 bytes with CRC 1',
    );
  });

  test('damaged compressed bytes are refused', async () => {
    const { file, target } = write([{ name: 'a', content: 'digits and more digits' }]);
    const bytes = fs.readFileSync(file);
    bytes[31] = 0xff;
    fs.writeFileSync(file, bytes);
    await expect(unpackFirst(file, target)).rejects.toThrow(/^cannot unpack test.zip: member a is damaged: /);
  });
});

function write(members: readonly ZipMember[]): { readonly file: string; readonly target: string } {
  const folder = createFolderForTest();
  const file = path.join(folder, 'test.zip');
  fs.writeFileSync(file, createZip(members));
  return { file, target: path.join(folder, 'out', 'member') };
}

async function unpackFirst(
  file: string,
  target: string,
  onBytes: (count: number) => void = () => undefined,
): Promise<void> {
  for (const member of readZipDirectory(file, maxTotalBytes).slice(0, 1)) {
    await unpackMember(file, member, target, onBytes);
  }
}
