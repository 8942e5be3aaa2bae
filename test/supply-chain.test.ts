import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');

interface LockedPackage {
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, LockedPackage>> };
const locked = Object.entries(lock.packages).filter(([name]) => name.startsWith('node_modules/'));
const code = execFileSync('git', ['ls-files', '-z', 'src', 'setup', 'packages', 'bench'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => /\.(ts|mjs|py)$/.test(file) && !file.includes('/test/'));

/** Files of the code that hold something, without their comments. */
function filesWith(pattern: RegExp): readonly string[] {
  return code.filter((file) => pattern.test(read(file).replaceAll(/^\s*(\/\/|\*|\/\*|#).*$/gm, '')));
}

test('every npm package but our own workspace is pinned by SHA-512, without an address', () => {
  const loose = locked.filter(
    ([, { integrity, link }]) => link !== true && !(integrity ?? '').startsWith('sha512-'),
  );
  expect(loose.map(([name]) => name)).toEqual([]);
  const addresses = locked.filter(([, { resolved, link }]) => resolved !== undefined && link !== true);
  expect(addresses.map(([name]) => name)).toEqual([]);
});

test('the packages that ship and have an install script are the two that docs/dependencies.md explains', () => {
  const scripted = locked.filter(
    ([, { hasInstallScript, dev }]) => hasInstallScript === true && dev !== true,
  );
  expect(scripted.map(([name]) => name)).toEqual([
    'node_modules/@tensorflow/tfjs-node',
    'node_modules/core-js',
  ]);
});

test('install scripts are off', () => {
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
});

test('at most 25 packages are needed at run time', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: object };
  expect(Object.keys(dependencies).length).toBeLessThanOrEqual(25);
});

test('addresses to fetch from stand in one file: the mirrors of MNIST', () => {
  const known = /https?:\/\/(?!www\.w3\.org|json-schema\.org|host:port|127\.0\.0\.1|localhost)[\w.-]+\.\w+/;
  expect(filesWith(known)).toEqual(['packages/mnist-dataset-loader/src/sources.ts']);
});

test('the network is reached by the loader alone, and by pip in two places', () => {
  const network =
    /import\('undici'\)|import (?!type)[^;]*from 'undici'|'node:(https?|net|tls)'|\bglobalThis\.fetch/;
  expect(filesWith(network)).toEqual(['packages/mnist-dataset-loader/src/dispatcher.ts']);
  expect(filesWith(/'pip'/)).toEqual(['bench/rivals/setup.ts', 'setup/wheel.mjs']);
});

test('each file of MNIST and each wheel has its SHA-256, and pip is made to insist on it', () => {
  const hashes = (file: string) => read(file).match(/sha256: '[0-9a-f]{64}'/g) ?? [];
  expect(hashes('packages/mnist-dataset-loader/src/sources.ts')).toHaveLength(4);
  expect(hashes('setup/platforms.mjs')).toHaveLength(6);
  expect(read('setup/wheel.mjs')).toContain('--require-hashes');
  expect(read('bench/rivals/setup.ts')).toContain('--require-hashes');
});

test.each(['torch', 'keras'])('everything that %s needs for the bench is pinned by SHA-256', (name) => {
  const lines = read(`bench/rivals/${name}.txt`).trim().split('\n').slice(1);
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => !/^[a-z0-9.-]+==[\w.+]+ --hash=sha256:[0-9a-f]{64}$/.test(line))).toEqual([]);
});
