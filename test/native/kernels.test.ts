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

test('the name of the addon is a hash of every header that its sources include, and of no other', () => {
  const ops = listAddons(findLibrary()).find(({ name }) => name === 'ops');
  const folder = path.join(packageFolder, 'native');
  const included = new Set<string>();
  const follow = (file: string) => {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/^#include "([^"]+)"$/gm)) {
      const header = path.join(path.dirname(file), name);
      if (!fs.existsSync(path.join(folder, header)) || included.has(header)) continue;
      included.add(header);
      follow(header);
    }
  };
  const sources = fs.readdirSync(folder).filter((file) => file.endsWith('.cc') && file !== 'quiet.cc');
  for (const source of sources) follow(source);
  expect([...(ops?.headers ?? [])].sort()).toEqual([...included].sort());
});
