import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findLibrary, listAddons } from '../../setup/layout.mjs';
import { root } from '../faults/tagged-tests.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { oldAddon } from '../support/old-addon.ts';
import { runCli } from '../support/run-cli.ts';
import { compileLibrary } from '../support/run-setup.ts';

test.each([['--help'], ['--version']])('%s works without the native library (C12)', async (flag) => {
  const { exit, stderr } = await runCli([flag], withoutLibrary());
  expect([exit, stderr]).toEqual([0, '']);
});

test('train names the command that provides the library (C12)', async () => {
  const { exit, stderr } = await runCli(['train', '--dataset', 'synthetic', '--quiet'], withoutLibrary());
  expect(exit).toBe(69);
  expect(stderr).toMatch(
    /^mnist-cnn: TensorFlow is not set up: libtensorflow_cc\.\S+ is missing\n {2}file: .*\n {2}Set it up once .*\n {4}npm start\n$/,
  );
});

test('doctor counts it as missing, with the command that provides it', async () => {
  const { exit, stdout } = await runCli(['doctor', '--json'], withoutLibrary());
  const { ok, checks } = JSON.parse(stdout);
  expect([exit, ok]).toEqual([69, false]);
  const [missing] = checks.filter(({ status }: { status: string }) => status === 'missing');
  expect(missing).toMatchObject({
    name: 'library',
    detail: expect.stringMatching(/^libtensorflow_cc\.\S+ is missing$/),
  });
  expect(missing.command).toMatch(/setup\/main\.mjs --native$/);
});

test('doctor is content with this installation, each check by name', async () => {
  const { exit, stdout } = await runCli(['doctor', '--json']);
  const { ok, checks } = JSON.parse(stdout);
  expect([exit, ok]).toEqual([0, true]);
  expect(checks.map(({ name }: { name: string }) => name)).toEqual([
    'Node',
    'processor',
    'library',
    'addons',
    'TensorFlow',
    'data',
    'fonts',
    'models',
    'cache',
  ]);
});

test('doctor names data that is missing and the command that fetches it', async () => {
  const dataDir = createTempFolder();
  const { stdout } = await runCli(['doctor', '--data-dir', dataDir]);
  expect(stdout).toMatch(/^warning data .*train-images-idx3-ubyte.*\n +mnist-cnn download --data-dir /m);
});

test('doctor answers a cache that cannot be written by the command that setup names', async () => {
  const file = path.join(createTempFolder(), 'file');
  fs.writeFileSync(file, '');
  const { stdout } = await runCli(['doctor'], { env: { MNIST_CNN_CACHE: file } });
  expect(stdout).toMatch(
    /^warning cache .*\n +MNIST_CNN_CACHE=\/\S+\/mnist-cnn-cache node \S*setup\/main\.mjs --native$/m,
  );
});

test('installed from the tarball, help works and all else names its own command for setup (C12)', async () => {
  const folder = createTempFolder();
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const archive = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', archive], { cwd: folder });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const program = path.join(folder, 'package', 'dist', 'cli', 'main.js');
  const env = { ...withoutLibrary().env, PATH: folder };
  const run = (words: readonly string[]) => runCli(words, { program, env });
  const [help, train, setup] = await Promise.all([run(['--help']), run(trainFew()), run(['setup'])]);
  expect([help.exit, help.stderr]).toEqual([0, '']);
  expect([train.exit, train.stderr.split('\n').at(-2)]).toEqual([69, `    node ${program} setup`]);
  // Without pip in the PATH it ends there.
  expect([setup.exit, setup.stderr.split('\n')[0]]).toEqual([
    69,
    'mnist-cnn: cannot download TensorFlow: neither python3 -m pip nor pip3 works',
  ]);
});

describe('an addon for another Node', () => {
  const words = trainFew();

  test('is reported with both versions and the command that compiles it again (C8)', async () => {
    const folder = createTempFolder();
    const cache = path.join(folder, 'cache');
    const library = findLibrary();
    const env = { MNIST_CNN_CACHE: cache, MNIST_CNN_LIBTENSORFLOW: library.folder };
    fs.mkdirSync(path.join(cache, 'addons'), { recursive: true });
    const bytes = compileLibrary(folder, oldAddon);
    const [quiet = '', binding = ''] = listAddons(library).map(({ file }) => file);
    const [quietHere = '', bindingHere = ''] = listAddons(library, env).map(({ file }) => file);
    fs.copyFileSync(quiet, quietHere);
    fs.writeFileSync(bindingHere, bytes);
    const { exit, stderr } = await runCli(words, { env });
    expect([exit, ...stderr.split('\n')]).toEqual([
      69,
      `mnist-cnn: the addon was built for a different Node: module version 11, running on ${process.versions.modules}`,
      `  file: ${bindingHere}`,
      '  Recompile it for this Node:',
      expect.stringMatching(/^ {4}node \S+setup\/main\.mjs --rebuild$/),
      '',
    ]);
    expect(fs.existsSync(binding)).toBe(true);
  });

  test('is not even loaded where this Node is older than the one that is needed (C8, F18)', async () => {
    const preload = path.join(createTempFolder(), 'preload.mjs');
    const versions = `{ ...process.versions, node: '18.20.8' }`;
    fs.writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
    const { exit, stderr } = await runCli(words, { nodeFlags: ['--import', preload] });
    expect([exit, stderr.split('\n')[0]]).toEqual([
      69,
      'mnist-cnn: Node 18.20.8 is too old: 20.19 or newer is needed',
    ]);
  });
});

/** A training that has its data at once. */
function trainFew(): readonly string[] {
  return ['train', '--dataset', writeDigitsFolder(100, 50), '--validation=0', '--quiet'];
}

function withoutLibrary() {
  return { env: { MNIST_CNN_CACHE: createTempFolder(), MNIST_CNN_LIBTENSORFLOW: undefined } };
}
