import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DatasetError } from '../src/errors.ts';
import { keepAsBad, placeFile } from '../src/place.ts';
import { createSmallDatabase, writeDatabase } from './support/digits.ts';
import { prepareDownload } from './support/download.ts';
import { errorOf } from './support/errors.ts';
import { createTempFolder, readTree } from './support/folder.ts';

const database = createSmallDatabase();

afterEach(() => {
  vi.restoreAllMocks();
});

const errors = { ENOSPC: 'the disk is full', EIO: 'the disk reports an error', EACCES: 'permission denied' };

describe.each(['openSync', 'writeSync', 'fsyncSync', 'renameSync', 'closeSync'] as const)(
  '%s fails',
  (call) => {
    test.each(['ENOSPC', 'EIO', 'EACCES'] as const)(
      'with %s, whichever call it is: no file is half there (B19)',
      async (errno) => {
        const local = createTempFolder();
        writeDatabase(database, local);
        const right = readTree(local);
        let failures = 0;
        for (let failing = 1; ; failing++) {
          const folder = createTempFolder();
          const calls = failNth(call, failing, errno);
          const outcome = await prepareDownload(database)
            .run({ dataDir: folder, mirrors: [local] })
            .catch((error: unknown) => error);
          vi.restoreAllMocks();
          if (calls() < failing) break;
          for (const [name, bytes] of Object.entries(readTree(folder))) {
            expect(name).not.toContain('tmp');
            expect(bytes).toBe(right[name]);
          }
          failures += outcome instanceof Error ? 1 : 0;
          if (outcome instanceof Error) expect(outcome.message).toContain(`${errors[errno]} (${errno})`);
        }
        expect(failures).toBeGreaterThan(3);
      },
    );
  },
);

test('says what a full disk needs and has (B19)', async () => {
  const local = createTempFolder();
  writeDatabase(database, local);
  const folder = createTempFolder();
  failNth('writeSync', 1, 'ENOSPC');
  const error = await errorOf(async () =>
    prepareDownload(database).run({ dataDir: folder, mirrors: [local] }),
  );
  expect(error).toMatchObject({ code: 'E_DISK_FULL', path: path.join(folder, 'train-images-idx3-ubyte.gz') });
  expect(error.message).toMatch(
    /^cannot write train-images-idx3-ubyte\.gz: the disk is full \(ENOSPC\), it needs 0\.0 MB, [\d.]+ MB are free$/,
  );
});

test('writes on where the system takes a few bytes at a time', async () => {
  const local = createTempFolder();
  writeDatabase(database, local);
  const folder = createTempFolder();
  const write = fs.writeSync;
  vi.spyOn(fs, 'writeSync').mockImplementation(((
    file: number,
    bytes: Uint8Array,
    from: number,
    length: number,
  ) => write(file, bytes, from, Math.min(length, 1000))) as typeof fs.writeSync);
  await prepareDownload(database).run({ dataDir: folder, mirrors: [local] });
  expect(readTree(folder)).toEqual(readTree(local));
});

test('keeps a damaged file where the disk knows no links (B21)', async () => {
  const local = createTempFolder();
  writeDatabase(database, local);
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, 'train-images-idx3-ubyte.gz'), 'damaged');
  vi.spyOn(fs, 'linkSync').mockImplementation(() => {
    throw Object.assign(new Error('EPERM: injected'), { code: 'EPERM' });
  });
  await prepareDownload(database).run({ dataDir: folder, mirrors: [local] });
  const { 'train-images-idx3-ubyte.gz.bad': kept, ...files } = readTree(folder);
  expect([Buffer.from(kept ?? '', 'base64').toString(), files]).toEqual(['damaged', readTree(local)]);
});

test('says what a full disk needs where it does not tell what it has', () => {
  const file = path.join(createTempFolder(), 'a');
  failNth('writeSync', 1, 'ENOSPC');
  vi.spyOn(fs, 'statfsSync').mockImplementation(fail('ENOSYS'));
  expect(() => placeFile(file, Buffer.alloc(2_000_000))).toThrow(
    'cannot write a: the disk is full (ENOSPC), it needs 2.0 MB',
  );
});

test.each(['EINVAL', 'EISDIR', 'EPERM'])('places a file where a folder cannot be synced (%s)', (errno) => {
  const file = path.join(createTempFolder(), 'a');
  failNth('fsyncSync', 2, errno);
  placeFile(file, Buffer.of(1));
  expect([...fs.readFileSync(file)]).toEqual([1]);
});

test('reports a failure that does not concern the disk in its own words', () => {
  const file = path.join(createTempFolder(), 'a');
  const beforeRename = () => {
    throw new Error('of another kind');
  };
  expect(() => placeFile(file, Buffer.of(1), beforeRename)).toThrow('cannot write a: of another kind');
});

test('passes on a failure that is reported already', () => {
  const told = new DatasetError('E_IO', 'told');
  const beforeRename = () => {
    throw told;
  };
  expect(() => placeFile(path.join(createTempFolder(), 'a'), Buffer.of(1), beforeRename)).toThrow(told);
});

test('leaves a damaged file that another download has kept meanwhile', () => {
  const file = path.join(createTempFolder(), 'a');
  vi.spyOn(fs, 'linkSync').mockImplementation(() => {
    fs.writeFileSync(`${file}.bad`, 'kept');
    fail('EEXIST')();
  });
  expect(fs.readFileSync(keepAsBad(file), 'utf8')).toBe('kept');
});

test('continues where another download has moved the damaged file meanwhile', () => {
  const file = path.join(createTempFolder(), 'a');
  expect(keepAsBad(file)).toBe(`${file}.bad`);
  expect(fs.existsSync(`${file}.bad`)).toBe(false);
});

test('says that a damaged file cannot be kept', () => {
  const file = path.join(createTempFolder(), 'a');
  fs.writeFileSync(file, 'damaged');
  vi.spyOn(fs, 'linkSync').mockImplementation(fail('EPERM'));
  vi.spyOn(fs, 'renameSync').mockImplementation(fail('EACCES'));
  expect(() => keepAsBad(file)).toThrow('cannot write a.bad: permission denied (EACCES)');
});

function fail(errno: string): () => never {
  return () => {
    throw Object.assign(new Error(`${errno}: injected`), { code: errno });
  };
}

function failNth(
  name: 'openSync' | 'writeSync' | 'fsyncSync' | 'renameSync' | 'closeSync',
  nth: number,
  errno: string,
): () => number {
  const original = fs[name] as (...values: readonly unknown[]) => unknown;
  let calls = 0;
  vi.spyOn(fs, name).mockImplementation((...values: readonly unknown[]) => {
    calls++;
    if (calls !== nth) return original(...values);
    // A failed close has closed the file all the same.
    if (name === 'closeSync') original(...values);
    throw Object.assign(new Error(`${errno}: injected`), { code: errno });
  });
  return () => calls;
}
