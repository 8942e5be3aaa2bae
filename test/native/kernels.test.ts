import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findLibrary, listAddons, packageFolder } from '../../setup/layout.mjs';

// One compiler here; `.ci/run` runs these tests whole, with sanitizers, under both.
const compiler = ['g++', 'clang++'].find((name) => spawnSync(name, ['--version']).status === 0);

test.skipIf(compiler === undefined)(
  `each kernel equals its plain loop, and the engine gives the same bits with 1, 2 and 4 threads: ${compiler ?? 'skipped, no compiler is here'}`,
  () => {
    const program = path.join(packageFolder, 'native', 'test', 'run.mjs');
    const env = { ...process.env, CXX: compiler };
    const { stdout, status } = spawnSync(process.execPath, [program, '--quick'], { encoding: 'utf8', env });
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^1 passed, 0 failed, \d skipped$/);
    expect(status).toBe(0);
  },
);

test('the name of the addon is a hash of every header in native/', () => {
  const ops = listAddons(findLibrary()).find(({ name }) => name === 'ops');
  const folder = path.join(packageFolder, 'native');
  const headers = ['.', 'kernels'].flatMap((name) =>
    fs
      .readdirSync(path.join(folder, name))
      .filter((file) => file.endsWith('.h'))
      .map((file) => path.join(name, file)),
  );
  expect([...(ops?.headers ?? [])].sort()).toEqual(headers.sort());
});
