import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findLibrary, listAddons } from '../../setup/layout.mjs';
import { createTempFolder, readTree } from '../support/folder.ts';
import type { CliResult } from '../support/run-cli.ts';
import { compileLibrary, createQuickCompiler, runSetup, setupFile } from '../support/run-setup.ts';

const library = findLibrary();

// One test: each fact builds on the one before.
test('after a kill amid the compilation two setups at once leave one whole result (C7, C11)', async () => {
  const folder = createTempFolder();
  const cache = path.join(folder, 'cache');
  const env = { MNIST_CNN_LIBTENSORFLOW: library.folder, CXX: createQuickCompiler(folder) };
  await killAmidCompilation(cache, env);
  expect(fs.readdirSync(cache).some((name) => name.startsWith('staging-'))).toBe(true);

  const results = await Promise.all([runSetup(cache, [], { env }), runSetup(cache, [], { env })]);
  expect(results.map(({ exit }) => exit)).toEqual([0, 0]);
  expect(results.filter(hasCompiled)).toHaveLength(1);
  const names = listAddons(library, { MNIST_CNN_CACHE: cache }).map(({ file }) => path.basename(file));
  expect(fs.readdirSync(cache, { recursive: true, encoding: 'utf8' }).sort()).toEqual(
    ['addons', ...names.map((name) => path.join('addons', name))].sort(),
  );

  const before = readTree(cache);
  const again = await runSetup(cache, [], { env });
  expect([again.exit, hasCompiled(again), readTree(cache)]).toEqual([0, false, before]);
}, 180_000);

describe('remove', () => {
  test('it takes what setup made, leaves the rest, and says how much that freed', async () => {
    const cache = createTempFolder();
    for (const [name, sizeBytes] of Object.entries({
      'libtensorflow-1/lib/a.so': 3_000_000,
      'addons/b.node': 500_000,
      'staging-x/c': 500_000,
      'of-the-user.txt': 5,
    })) {
      fs.mkdirSync(path.dirname(path.join(cache, name)), { recursive: true });
      fs.writeFileSync(path.join(cache, name), Buffer.alloc(sizeBytes));
    }
    const { exit, stderr } = await runSetup(cache, ['--remove']);
    expect([exit, stderr]).toEqual([0, `setup: freed 4 MB in ${cache}\n`]);
    expect(fs.readdirSync(cache)).toEqual(['of-the-user.txt']);
  });

  test('an empty cache frees nothing', async () => {
    const cache = path.join(createTempFolder(), 'cache');
    const { exit, stderr } = await runSetup(cache, ['--remove']);
    expect([exit, stderr]).toEqual([0, `setup: freed 0 kB in ${cache}\n`]);
  });
});

test('another libtensorflow in LD_LIBRARY_PATH does not get in (C13)', async () => {
  const folder = createTempFolder();
  const bytes = compileLibrary(folder, 'int answer() { return 42; }');
  for (const file of [library.framework, library.tensorflow]) {
    fs.writeFileSync(path.join(folder, path.basename(file)), bytes);
  }
  expect(await runTrial({ LD_LIBRARY_PATH: folder })).toEqual(await runTrial({}));
  expect((await runTrial({ LD_LIBRARY_PATH: folder })).code).toBe(0);
});

test('nothing of TensorFlow’s chatter is seen', async () => {
  expect((await runTrial({ TF_CPP_MIN_LOG_LEVEL: undefined })).stderr).toBe('');
});

test('all of it is seen by who asks for it', async () => {
  expect((await runTrial({ TF_CPP_MIN_LOG_LEVEL: '0' })).stderr).toMatch(/oneDNN|cpu_feature_guard/);
});

function hasCompiled({ stderr }: CliResult): boolean {
  return stderr.includes('setup: compiling');
}

async function killAmidCompilation(cache: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [setupFile, '--native'], {
    env: { ...process.env, ...env, MNIST_CNN_CACHE: cache },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  for await (const chunk of child.stderr) {
    text += String(chunk);
    if (text.includes('compiling')) break;
  }
  await kill(child);
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function runTrial(environment: NodeJS.ProcessEnv) {
  const [quiet = '', binding = ''] = listAddons(library).map(({ file }) => file);
  const program = path.join(path.dirname(setupFile), 'probe.mjs');
  const child = spawn(
    process.execPath,
    [program, 'multiply', quiet, library.framework, library.tensorflow, binding],
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code]: unknown[] = await once(child, 'close');
  return { code, stdout, stderr };
}
