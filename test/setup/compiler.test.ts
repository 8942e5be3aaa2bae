import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findCompilerWheel, installCommand } from '../../setup/platforms.mjs';
import { createFakePrograms, createFakeWheel } from '../support/fake-wheel.ts';
import { createTempFolder } from '../support/folder.ts';
import { python } from '../support/python.ts';
import { preload } from '../support/run-cli.ts';
import { createLibraryFolder, runSetup } from '../support/run-setup.ts';
import { createZip } from '../support/zip.ts';

// Zig's wheel in small: its program writes a word where it is told to, and notes how it was called.
const zig = `#!/bin/sh
echo "$@" >> "$CALLS"
[ -d "$(dirname "$ZIG_GLOBAL_CACHE_DIR")" ] || exit 1
for word; do [ "$last" = -o ] && echo built > "$word"; last=$word; done
`;
const members = [
  { name: 'ziglang/zig', content: zig, unixMode: 0o100755 },
  { name: 'ziglang/lib/std/std.zig', content: 'std' },
  { name: 'ziglang/lib/libc/mingw/windows.c', content: 'of another system' },
];

/** Sets up where no compiler is, with a small wheel brought along, and gives what lies in the cache and how Zig was called. */
async function setUpWithoutCompiler(words: readonly string[] = []) {
  const folder = createTempFolder();
  const library = createLibraryFolder(path.join(folder, 'library'), Buffer.from('a'), Buffer.from('b'));
  const { options } = createFakeWheel(folder);
  const wheel = path.join(folder, 'ziglang-0.17.1-py3-none-any.whl');
  const bytes = createZip(members);
  fs.writeFileSync(wheel, bytes);
  const { TRIAL } = createFakePrograms(folder);
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin);
  for (const name of ['sh', 'dirname']) fs.symlinkSync(findProgram(name), path.join(bin, name));
  fs.symlinkSync(python, path.join(bin, 'python3'));
  const cache = path.join(folder, 'cache');
  const env = {
    ...options.env,
    TRIAL,
    PATH: bin,
    CXX: undefined,
    CALLS: path.join(folder, 'calls'),
    COMPILER_WHEEL: wheel,
    MNIST_CNN_LIBTENSORFLOW: library,
  };
  const nodeFlags = [...options.nodeFlags, ...preload('fake-compiler')];
  const result = await runSetup(cache, ['--wheel', wheel, ...words], { nodeFlags, env });
  const calls = fs.existsSync(env.CALLS) ? fs.readFileSync(env.CALLS, 'utf8').trim().split('\n') : [];
  return { ...result, cache, calls, again: () => runSetup(cache, ['--rebuild'], { nodeFlags, env }) };
}

test('without a compiler the addons are compiled with Zig, which is gone afterwards (C5)', async () => {
  const { exit, stderr, cache, calls } = await setUpWithoutCompiler();
  expect([exit, stderr]).toEqual([0, expect.stringContaining('compiling 3 addons with zig c++ ... done')]);
  expect(fs.readdirSync(cache)).toEqual(['addons']);
  expect(fs.readdirSync(path.join(cache, 'addons'))).toHaveLength(3);
  expect(calls.filter((call) => !call.startsWith('c++ -target '))).toEqual([]);
});

test('nothing is compiled for this machine alone, nor with checks at run time', async () => {
  const { calls } = await setUpWithoutCompiler();
  expect(calls.length).toBeGreaterThan(3);
  expect(calls.filter((call) => !call.includes(' -mcpu=baseline -fno-sanitize=undefined '))).toEqual([]);
});

test('--keep-compiler leaves what is needed of it in the cache, and it serves again', async () => {
  const { exit, cache, again } = await setUpWithoutCompiler(['--keep-compiler']);
  const [kept = ''] = fs.readdirSync(cache).filter((name) => name.startsWith('ziglang-'));
  const files = fs.readdirSync(path.join(cache, kept), { recursive: true, encoding: 'utf8' }).sort();
  expect([exit, files]).toEqual([0, ['compiler.json', 'lib', 'lib/std', 'lib/std/std.zig', 'zig']]);
  const { exit: exitAgain, stderr } = await again();
  expect([exitAgain, stderr]).toEqual([0, expect.not.stringContaining('unpacking')]);
  const removed = await runSetup(cache, ['--remove']);
  expect([removed.exit, fs.readdirSync(cache)]).toEqual([0, []]);
});

test('a wheel of Zig of which one byte differs is refused (C1)', async () => {
  const pinned = findCompilerWheel()?.sha256;
  const folder = createTempFolder();
  const library = createLibraryFolder(folder, Buffer.from('a'), Buffer.from('b'));
  const wheel = path.join(folder, 'ziglang-0.17.1-py3-none-any.whl');
  fs.writeFileSync(wheel, 'abc');
  const { exit, stderr } = await runSetup(path.join(folder, 'cache'), ['--wheel', wheel], {
    env: { PATH: folder, CXX: undefined, MNIST_CNN_LIBTENSORFLOW: library },
  });
  expect(exit).toBe(65);
  expect(stderr).toContain(`is not the pinned wheel: SHA-256 ${pinned} expected, `);
  expect(fs.readdirSync(path.join(folder, 'cache'))).toEqual([]);
});

test('without a compiler it says what to install (C5)', async () => {
  const folder = createTempFolder();
  const library = createLibraryFolder(folder, Buffer.from('a'), Buffer.from('b'));
  const { exit, stderr } = await runSetup(path.join(folder, 'cache'), [], {
    env: { PATH: folder, CXX: undefined, MNIST_CNN_LIBTENSORFLOW: library },
  });
  expect(exit).toBe(69);
  expect(stderr).toBe(
    `setup: found no C++ compiler that works: tried c++, g++, clang++; using Zig's compiler
mnist-cnn: found no C++ compiler that works: tried c++, g++, clang++; cannot download Zig: neither python3 -m pip nor pip3 works
  The small addons that connect TensorFlow to Node are compiled on this machine. Install a compiler:
    ${installCommand('compiler')}
`,
  );
});

test('a compiler that lacks the standard library does not count, and says why (C5)', async () => {
  const folder = createTempFolder();
  const library = createLibraryFolder(folder, Buffer.from('a'), Buffer.from('b'));
  writeScript(
    path.join(folder, 'c++'),
    `echo "small.cc:1:10: fatal error: 'string' file not found" >&2; exit 1`,
  );
  const { exit, stderr } = await runSetup(path.join(folder, 'cache'), ['--quiet'], {
    env: { PATH: folder, CXX: undefined, MNIST_CNN_LIBTENSORFLOW: library },
  });
  expect(exit).toBe(69);
  expect(stderr).toContain(`\n  | c++: small.cc:1:10: fatal error: 'string' file not found\n`);
});

test('a compiler that CXX names and that does not work is an error, whatever else is there (C5)', async () => {
  const folder = createTempFolder();
  const library = createLibraryFolder(folder, Buffer.from('a'), Buffer.from('b'));
  const { exit, stderr } = await runSetup(path.join(folder, 'cache'), ['--quiet'], {
    env: { CXX: 'no-such-compiler -m64', MNIST_CNN_LIBTENSORFLOW: library },
  });
  expect([exit, stderr.replace(/node \S*setup\/main\.mjs/, 'SETUP')]).toEqual([
    69,
    `mnist-cnn: the compiler named by CXX does not work: no-such-compiler -m64: not found
  It failed to compile a small program that uses the standard library. Name another one, or let setup find one:
    env -u CXX SETUP --native
`,
  ]);
});

test('CXX may be several words, and a path with spaces (C5)', async () => {
  const folder = createTempFolder();
  const library = createLibraryFolder(folder, Buffer.from('a'), Buffer.from('b'));
  const { CXX, TRIAL } = createFakePrograms(folder);
  const odd = path.join(folder, 'my compiler');
  fs.renameSync(CXX, odd);
  const { options } = createFakeWheel(folder);
  const setUp = (name: string, words: string) =>
    runSetup(path.join(folder, name), [], {
      ...options,
      env: { ...options.env, TRIAL, CXX: words, MNIST_CNN_LIBTENSORFLOW: library },
    });
  const results = await Promise.all([setUp('a', `env "${odd}"`), setUp('b', odd)]);
  expect(results.map(({ exit, stderr }) => [exit, /with (.*) \.\.\. done/.exec(stderr)?.[1]])).toEqual([
    [0, 'env my compiler'],
    [0, 'my compiler'],
  ]);
});

function findProgram(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file)) ?? name;
}

function writeScript(file: string, text: string): void {
  fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}
