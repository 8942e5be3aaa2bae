import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
const [packed] = JSON.parse(
  execFileSync('npm', pack, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
) as readonly [{ readonly files: readonly { readonly path: string }[]; readonly bundled: readonly string[] }];
const files = packed.files.map((file) => file.path);
const modules = files.filter((file) => /\.(js|mjs|ts|mts)$/.test(file));

/** What the modules that ship import, also for their types and at run time. */
const imports = modules.flatMap((from) => {
  const code = fs.readFileSync(path.join(root, from), 'utf8').replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  const calls = /(?:\bfrom|^import|\bimport\(|\brequire(?:Here)?\(|\bresolvePackage\()\s*'([^'\n]+)'/gm;
  return [...code.matchAll(calls)].map(([, to = '']) => ({ from, to }));
});

test('nothing is bundled', () => {
  expect(packed.bundled).toEqual([]);
});

test('it holds the program, the API, the loader, setup, the sources of the addons and a network', () => {
  const needed = [
    ...Object.values(manifest.bin),
    'dist/index.d.ts',
    'packages/mnist-dataset-loader/dist/index.js',
    'setup/main.mjs',
    'setup/unzip.py',
    'native/ops.cc',
    'native/kernels/vector.h',
    'models/pretrained/model.json',
    'LICENSE',
    'README.md',
  ];
  expect(needed.filter((file) => !files.includes(file))).toEqual([]);
});

test('it holds no tests, no sources in TypeScript, and nothing that a build or setup leaves', () => {
  const superfluous =
    /(^|\/)(test|node_modules|coverage|bench|src)\/|\.(tsbuildinfo|o|map|lock)$|\/\.|(?<!\.d)\.m?ts$/;
  expect(files.filter((file) => superfluous.test(file))).toEqual([]);
});

test('what is imported by its place is there', () => {
  const missing = imports
    .filter(({ to }) => to.startsWith('.'))
    .map(({ from, to }) => path.posix.join(path.posix.dirname(from), to))
    .filter((file) => !files.includes(file) && !files.includes(file.replace(/\.ts$/, '.d.ts')));
  expect(missing).toEqual([]);
});

test('what is imported by its name is part of Node, a declared dependency, or in the tarball', () => {
  const packages = new Set(
    imports
      .map(({ to }) => to)
      .filter((to) => !to.startsWith('.') && !isBuiltin(to))
      .map((to) =>
        to
          .split('/')
          .slice(0, to.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  );
  expect(packages).toContain('undici');
  const unknown = [...packages].filter((name) => !Object.hasOwn(manifest.dependencies, name));
  // Setup runs the compiler of TypeScript in a checkout alone.
  expect(unknown.sort()).toEqual(['#mnist-dataset-loader', 'typescript']);
  const loader = Object.values(manifest.imports['#mnist-dataset-loader'] ?? {}).map((file) => file.slice(2));
  expect(loader.filter((file) => !files.includes(file))).toEqual([]);
});
