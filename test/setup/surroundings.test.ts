import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { explainLoader } from '../../setup/loader.mjs';
import { createFakePrograms, createFakeWheel } from '../support/fake-wheel.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliResult, preload, programFile, runCli } from '../support/run-cli.ts';
import { runSetup, setupFile } from '../support/run-setup.ts';

// Node 20 and 22 have it under trial.
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
const anyTraining = ['train', '--dataset', 'synthetic', '--max-steps', '1', '--quiet'];

describe('a user without a home', () => {
  const noPlace = `mnist-cnn: cannot choose a folder for the cache: HOME is not set, and this user has no home folder
  Name a folder for it:
    MNIST_CNN_CACHE=OTHER SETUP --native
`;

  test.each([
    ['setup', setupFile, ['--native', '--quiet']],
    ['doctor', programFile, ['doctor']],
    ['a training', programFile, anyTraining],
  ])('is asked by %s to name a folder for the cache (C14)', async (_, program, words) => {
    const env = { HOME: undefined, XDG_CACHE_HOME: undefined, MNIST_CNN_CACHE: undefined };
    const { exit, stderr } = await runCli(words, { program, env, nodeFlags: preload('without-home') });
    expect([exit, withoutPaths(stderr)]).toEqual([73, noPlace]);
  });

  test('and with an empty HOME gets no cache in the folder that happens to be the working one (C14)', async () => {
    const cwd = createTempFolder();
    const env = { HOME: '', XDG_CACHE_HOME: undefined, MNIST_CNN_CACHE: undefined };
    await runCli(['doctor'], { cwd, env });
    expect(fs.readdirSync(cwd)).toEqual([]);
  });
});

describe('the reason of the loader is shown', () => {
  test.each([
    ['--no-addons', 'Cannot load native addon because loading addons is disabled.'],
    [
      `${permission} --allow-fs-read=* --allow-fs-write=* --allow-child-process --allow-worker`,
      'Cannot load native addon because loading addons is disabled.',
    ],
  ])('with NODE_OPTIONS=%s (C15)', async (flags, reason) => {
    const { exit, stderr } = await runCli(anyTraining, { env: { NODE_OPTIONS: `--no-warnings ${flags}` } });
    const [first, , , command] = stderr.split('\n');
    expect([exit, first, withoutPaths(command ?? '')]).toEqual([
      69,
      `mnist-cnn: TensorFlow cannot be loaded: ${reason}`,
      '    env -u NODE_OPTIONS SETUP --native',
    ]);
  });

  test.each([
    ['/c/ops.node: failed to map segment from shared object', 'noexec'],
    ['/c/ops.node: cannot open shared object file: Permission denied', 'chmod -R a+rX'],
    [
      "/usr/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /c/ops.node)",
      'compiled with',
    ],
  ])('%s (C15)', (reason, word) => {
    const found = explainLoader(`node:internal/modules\n  throw\nError: ${reason}\n    at load`);
    expect(found).toMatchObject({ reason, hint: expect.stringContaining(word) });
  });

  test('and lack of memory, for which the loader has the same words, is none of these', () => {
    const limits = 'Limit Soft Limit Hard Limit Units\nMax address space 1331200000 1331200000 bytes\n';
    const read = vi.spyOn(fs, 'readFileSync').mockReturnValue(limits);
    const found = explainLoader('/c/ops.node: failed to map segment from shared object');
    read.mockRestore();
    expect(found).toBeUndefined();
  });

  test('and a reported lack of memory is none of these', () => {
    const text = 'x.so: failed to map segment from shared object: Cannot allocate memory';
    expect(explainLoader(text)).toBeUndefined();
  });

  test('where the cache may not be read by who trains (C15)', async () => {
    const cache = path.join(createTempFolder(), 'cache');
    fs.mkdirSync(cache, { mode: 0 });
    const env = { MNIST_CNN_CACHE: cache, MNIST_CNN_LIBTENSORFLOW: undefined };
    const { exit, stderr } = await runCli(anyTraining, { env, nodeFlags: preload('without-privileges') });
    expect([exit, stderr.split('\n')[0]]).toEqual([
      69,
      'mnist-cnn: cannot read the TensorFlow installation: permission denied (EACCES)',
    ]);
  });
});

describe.runIf(process.platform === 'linux')('the path of the cache', () => {
  test.each(['a,b', 'a b', "it's", 'a:b', '$HOME', 'ä€', '-x', 'a"b', 'a;b&c', '%s#\\'])(
    'may hold %s: what is compiled there finds the library (C16)',
    async (name) => {
      const folder = createTempFolder();
      const cache = path.join(folder, name, 'cache');
      const { wheel, options } = createFakeWheel(folder);
      const { CXX, TRIAL } = createFakePrograms(folder);
      fs.appendFileSync(CXX, `echo "$*" >> '${folder}/calls'\n`);
      const env = { ...options.env, CXX, TRIAL };
      expect(await runSetup(cache, ['--wheel', wheel], { ...options, env })).toMatchObject({ exit: 0 });
      // The library is named by where it lies from the addon: nothing of the path is read by compiler, linker and loader.
      const calls = fs.readFileSync(path.join(folder, 'calls'), 'utf8');
      expect(calls.match(/-Xlinker -rpath -Xlinker \$ORIGIN\/\.\.\/libtensorflow-\S+\/lib /g)).toHaveLength(
        2,
      );
    },
  );

  test.each(['$ORIGIN', '$LIB', '${PLATFORM}'])(
    'may not hold %s, which the loader reads (C16)',
    async (name) => {
      const cache = path.join(createTempFolder(), `a${name}`);
      const { exit, stderr } = await runSetup(cache, []);
      expect([exit, errorOf({ stderr } as CliResult, cache)]).toEqual([
        69,
        `mnist-cnn: the path of the cache contains ${name}, which the loader replaces by another folder
  file: CACHE
  Put the cache elsewhere:
    MNIST_CNN_CACHE=OTHER SETUP --native
`,
      ]);
    },
  );
});

function errorOf({ stderr }: CliResult, cache: string): string {
  return withoutPaths(stderr.slice(stderr.indexOf('mnist-cnn: '))).replaceAll(cache, 'CACHE');
}

function withoutPaths(text: string): string {
  return text
    .replaceAll(/node \S*setup\/main\.mjs/g, 'SETUP')
    .replaceAll(/MNIST_CNN_CACHE=\/\S+\/mnist-cnn-cache /g, 'MNIST_CNN_CACHE=OTHER ');
}
