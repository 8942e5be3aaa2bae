import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { installCommand } from '../../setup/platforms.mjs';
import { createTempFolder, readTree } from '../support/folder.ts';
import { compileLibrary, createLibraryFolder, runSetup } from '../support/run-setup.ts';

const sha256 = /[0-9a-f]{64}/g;

describe('the wheel', () => {
  test('one that is not the pinned one is refused and nothing is unpacked (C1)', async () => {
    const folder = createTempFolder();
    const wheel = path.join(folder, 'some.whl');
    fs.writeFileSync(wheel, 'abc');
    const cache = path.join(folder, 'cache');
    const { exit, stderr } = await runSetup(cache, ['--wheel', wheel]);
    expect(exit).toBe(65);
    expect(errorOf(stderr, folder)).toBe(
      `mnist-cnn: some.whl is not the pinned wheel: SHA-256 PINNED expected, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad found
  file: FOLDER/some.whl
  The file may be damaged or altered, or belong to another version. Fetch it again:
    SETUP --native
`.replace('PINNED', stderr.match(sha256)?.[0] ?? ''),
    );
    expect(readTree(cache)).toEqual({});
  });

  test('one that is not there is named', async () => {
    const folder = createTempFolder();
    const { exit, stderr } = await runSetup(path.join(folder, 'cache'), ['--wheel', `${folder}/some.whl`]);
    expect(exit).toBe(66);
    expect(firstLineOf(stderr)).toBe('mnist-cnn: cannot read some.whl: it does not exist');
  });
});

describe('what is missing on the machine', () => {
  test('where the package index cannot be reached it says how to bring the wheel, and leaves the cache as it was (C3)', async () => {
    const folder = createTempFolder();
    const cache = path.join(folder, 'cache');
    fs.mkdirSync(path.join(cache, 'addons'), { recursive: true });
    fs.writeFileSync(path.join(cache, 'addons', 'other.node'), 'kept');
    const before = readTree(cache);
    const { exit, stderr } = await runSetup(cache, [], {
      // Port 9 of the loopback: nobody listens there.
      env: { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_EXTRA_INDEX_URL: undefined, PIP_RETRIES: '0' },
    });
    expect(exit).toBe(69);
    expect(stderr).toMatch(/mnist-cnn: cannot download \S+ 2\.21\.0 with pip: exit code 1\n/);
    expect(lastLineOf(stderr)).toMatch(/main\.mjs --wheel FILE$/);
    expect(readTree(cache)).toEqual(before);
  });

  test.each([
    [
      'processor',
      'arch',
      'ppc64',
      `${process.platform}-ppc64${process.platform === 'linux' ? '-glibc' : ''}`,
    ],
    ['system', 'platform', 'freebsd', `freebsd-${process.arch}`],
  ])('an unknown %s is named beside the known ones (C4)', async (_, property, value, found) => {
    const patch = `Object.defineProperty(process, '${property}', { value: '${value}' })`;
    const { exit, stderr } = await runPatched(patch);
    expect(exit).toBe(69);
    expect(firstLineOf(stderr)).toBe(
      `mnist-cnn: no TensorFlow library is available for ${found}, only for linux-x64-glibc, linux-arm64-glibc, darwin-arm64`,
    );
  });

  test.runIf(process.platform === 'linux')('musl in the place of glibc is named (C4)', async () => {
    const { exit, stderr } = await runPatched(`process.report.getReport = () => ({ header: {} })`);
    expect(exit).toBe(69);
    expect(firstLineOf(stderr)).toBe(
      `mnist-cnn: no TensorFlow library is available for linux-${process.arch}-musl, only for linux-x64-glibc, linux-arm64-glibc, darwin-arm64`,
    );
  });

  test('too little space is found before anything is fetched', async () => {
    const { exit, stderr } = await runPatched(
      `const fs = process.getBuiltinModule('node:fs'); fs.statfsSync = () => ({ bavail: 1000, bsize: 4096 });`,
    );
    expect(exit).toBe(74);
    expect(firstLineOf(stderr)).toMatch(
      /^mnist-cnn: cannot unpack TensorFlow: 1\.\d\d GB needed, 4 MB free$/,
    );
  });

  test('a cache that cannot be written is named', async () => {
    const file = path.join(createTempFolder(), 'file');
    fs.writeFileSync(file, '');
    const { exit, stderr } = await runSetup(path.join(file, 'cache'), []);
    expect(exit).toBe(73);
    expect(firstLineOf(stderr)).toBe('mnist-cnn: cannot take the lock of setup: not a directory (ENOTDIR)');
  });
});

describe('a user’s own library', () => {
  test('a folder without it is refused by the file that is missing', async () => {
    const folder = createTempFolder();
    const { exit, stderr } = await runSetup(path.join(folder, 'cache'), [], {
      env: { MNIST_CNN_LIBTENSORFLOW: folder },
    });
    expect(exit).toBe(66);
    expect(firstLineOf(stderr)).toMatch(
      /^mnist-cnn: MNIST_CNN_LIBTENSORFLOW names a folder without libtensorflow_cc\./,
    );
  });

  test.each([
    ['that was cut off', (bytes: Buffer) => bytes.subarray(0, 300)],
    ['for another processor', forSparc],
  ])('one %s fails its trial in a child, before the long compilation (C9)', async (_, damage) => {
    const folder = createTempFolder();
    const whole = compileLibrary(folder, 'int answer() { return 42; }');
    const library = createLibraryFolder(path.join(folder, 'own'), damage(whole), whole);
    const { exit, stderr } = await runSetup(path.join(folder, 'cache'), [], {
      env: { MNIST_CNN_LIBTENSORFLOW: library },
    });
    expect(exit).toBe(65);
    expect(stderr).toContain(
      'mnist-cnn: the TensorFlow library does not work: its test run ended with exit code 1\n',
    );
    expect(readTree(path.join(folder, 'cache'))).toEqual({});
  });

  test.each([
    ['SIGILL', 69, 'this processor lacks AVX, which the TensorFlow library requires'],
    ['SIGSEGV', 65, 'the TensorFlow library does not work: its test run ended with signal SIGSEGV'],
  ])('one that ends its process by %s ends the child alone (C9, C10)', async (signal, code, message) => {
    const folder = createTempFolder();
    const bytes = compileLibrary(
      folder,
      `#include <signal.h>\n__attribute__((constructor)) static void start() { signal(${signal}, SIG_DFL); raise(${signal}); }`,
    );
    const library = createLibraryFolder(path.join(folder, 'own'), bytes, bytes);
    const { exit, stderr } = await runSetup(path.join(folder, 'cache'), [], {
      env: { MNIST_CNN_LIBTENSORFLOW: library },
    });
    expect(exit).toBe(code);
    expect(stderr).toContain(`mnist-cnn: ${message}\n`);
  });
});

describe('the call itself', () => {
  test('an unknown flag is refused', async () => {
    const { exit, stderr } = await runSetup(createTempFolder(), ['--fast']);
    expect(exit).toBe(2);
    expect(firstLineOf(stderr)).toMatch(/^mnist-cnn: Unknown option '--fast'/);
  });

  test('with --json an error is one line', async () => {
    const folder = createTempFolder();
    const { stdout, stderr } = await runSetup(path.join(folder, 'cache'), ['--json', '--quiet'], {
      env: { PATH: folder },
    });
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'E_NATIVE',
        exit: 69,
        message: 'cannot download TensorFlow: neither python3 -m pip nor pip3 works',
        expected: 'python3 -m pip or pip3',
        actual: 'neither',
        hint: "Python's pip fetches and verifies it. Install pip, or name a wheel you have with --wheel FILE.",
        command: installCommand('pip'),
      },
    });
  });
});

// The machine that an ELF file is for stands in its bytes 18 and 19: 2 is SPARC (gABI, e_machine).
function forSparc(library: Buffer): Buffer {
  const other = Buffer.from(library);
  other.writeUInt16LE(2, 18);
  return other;
}

function runPatched(patch: string) {
  const folder = createTempFolder();
  const preload = path.join(folder, 'preload.mjs');
  fs.writeFileSync(preload, patch);
  return runSetup(path.join(folder, 'cache'), [], {
    nodeFlags: ['--import', preload],
    env: { PATH: folder },
  });
}

// The error's text without the lines of progress before it, and with names in the place of paths.
function errorOf(stderr: string, folder: string): string {
  return stderr
    .slice(stderr.indexOf('mnist-cnn: '))
    .replaceAll(folder, 'FOLDER')
    .replace(/node \S*setup\/main\.mjs/, 'SETUP');
}

function firstLineOf(stderr: string): string {
  return stderr.slice(stderr.indexOf('mnist-cnn: ')).split('\n')[0] ?? '';
}

function lastLineOf(stderr: string): string {
  return stderr.trimEnd().split('\n').at(-1) ?? '';
}
