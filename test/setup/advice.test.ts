import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

import { createTempFolder } from '../support/folder.ts';
import { programFile, runCli } from '../support/run-cli.ts';
import { createLibraryFolder, setupFile } from '../support/run-setup.ts';

const folder = createTempFolder();
const root = path.dirname(path.dirname(setupFile));
const library = createLibraryFolder(path.join(folder, 'library'), Buffer.from('a'), Buffer.from('b'));
const anyTraining = ['train', '--dataset', 'synthetic', '--max-steps', '1'];

/** What can go wrong: the words for setup, or for the command line, and the variables. */
const faults: readonly {
  readonly name: string;
  readonly program: 'setup' | 'cli';
  readonly words: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}[] = [
  { name: 'a wrong flag', program: 'setup', words: ['--fast'] },
  { name: 'no pip', program: 'setup', words: [], env: { PATH: folder } },
  { name: 'a wheel that is not there', program: 'setup', words: ['--wheel', 'no.whl'] },
  { name: 'another wheel', program: 'setup', words: ['--wheel', setupFile] },
  { name: 'an odd cache', program: 'setup', words: [], env: { MNIST_CNN_CACHE: `${folder}/$LIB` } },
  { name: 'a cache in a file', program: 'setup', words: [], env: { MNIST_CNN_CACHE: `${setupFile}/c` } },
  { name: 'a library that is none', program: 'setup', words: [], env: { MNIST_CNN_LIBTENSORFLOW: folder } },
  {
    name: 'no compiler',
    program: 'setup',
    words: [],
    env: { CXX: 'none', MNIST_CNN_LIBTENSORFLOW: library },
  },
  {
    name: 'no index',
    program: 'setup',
    words: [],
    // Port 9 of the loopback: nobody listens there.
    env: { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_NO_INDEX: undefined, PIP_RETRIES: '0' },
  },
  { name: 'a Python astray', program: 'setup', words: [], env: { PYTHONHOME: folder } },
  { name: 'no library', program: 'cli', words: anyTraining },
  { name: 'another library', program: 'cli', words: anyTraining, env: { MNIST_CNN_LIBTENSORFLOW: folder } },
  { name: 'no library, asked for', program: 'cli', words: ['doctor', '--json'] },
];

const places = [
  {
    name: 'in a clone',
    home: root,
    wanted: /(npm start|node \S*setup\/main\.mjs)/,
    other: /mnist-cnn setup/,
  },
  {
    name: 'installed',
    home: install(),
    wanted: /mnist-cnn setup/,
    other: /npm start|main\.mjs|npx tsc|npm ci/,
  },
];

describe.each(places)('advice $name', ({ home, wanted, other }) => {
  test.each(faults)('$name: names commands of this place alone', async ({ program, words, env }) => {
    const [file, first] =
      program === 'setup'
        ? [path.join(home, 'setup', 'main.mjs'), ['--native']]
        : [path.join(home, path.relative(root, programFile)), []];
    const all = { MNIST_CNN_LIBTENSORFLOW: undefined, MNIST_CNN_CACHE: path.join(folder, 'cache'), ...env };
    const { exit, stdout, stderr } = await runCli([...first, ...words], { program: file, env: all });
    const advice = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => /^ {4}\S|^next: |"checks"/.test(line))
      .join('\n');
    expect(exit).not.toBe(0);
    expect(advice).not.toMatch(other);
    // Where another program has to be installed, or Node to be called otherwise, that is the advice.
    if (!/^ {4}(sudo|brew|xcode-select)/.test(advice)) expect(advice).toMatch(wanted);
  });
});

/** The tarball unpacked, with the packages of this checkout. */
function install(): string {
  const words = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const archive = execFileSync('npm', words, { cwd: root, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', archive], { cwd: folder });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return path.join(folder, 'package');
}
