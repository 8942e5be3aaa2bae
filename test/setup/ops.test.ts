import path from 'node:path';
import { expect, test } from 'vitest';
import { findLibrary } from '../../setup/layout.mjs';
import { createTempFolder } from '../support/folder.ts';
import { runCli } from '../support/run-cli.ts';
import { createQuickCompiler, runSetup } from '../support/run-setup.ts';

test('without ops that compile, setup says so, and training runs on TensorFlow alone and says so', async () => {
  const folder = createTempFolder();
  const compiler = createQuickCompiler(folder, 'engine');
  const cache = path.join(folder, 'cache');
  const env = { MNIST_CNN_LIBTENSORFLOW: findLibrary().folder, CXX: compiler };
  const setup = await runSetup(cache, [], { env });
  expect(setup.exit).toBe(0);
  expect(setup.stderr).toContain(
    `setup: without the fast training ops: cannot compile the addon ops: quick-c++ ended with exit code 1\n`,
  );
  // It is not tried again by each command that sets up.
  const again = await runSetup(cache, [], { env });
  expect([again.exit, again.stderr]).toEqual([0, expect.stringMatching(/^setup: ready/)]);
  const words = ['train', '--dataset=synthetic', '--max-steps=1', '--eval-images=10'];
  const trained = await runCli(words, { env: { ...env, MNIST_CNN_CACHE: cache } });
  expect(trained.exit).toBe(0);
  expect(trained.stderr).toContain(
    "training with TensorFlow's own ops, several times slower than the fused ops: they are not built",
  );
}, 120_000);
