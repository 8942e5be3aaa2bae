import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';

test('it loads once, and what is handed out is also the module’s own binding', async () => {
  const first = await loadTensorFlow({ threads: 1 });
  expect([(await loadTensorFlow()) === first, tf === first]).toEqual([true, true]);
});

test('operations run in the native library', async () => {
  await loadTensorFlow();
  expect(tf.getBackend()).toBe('tensorflow');
});

test('another number of threads comes too late', async () => {
  await loadTensorFlow({ threads: 1 });
  await expect(loadTensorFlow({ threads: 2 })).rejects.toThrow(
    'TensorFlow already runs with 1 threads, too late to change to 2',
  );
});

test.runIf(process.platform === 'linux')('the variable that it sets is the one that counts threads', () => {
  expect(countThreads(5) - countThreads(1)).toBe(4);
});

test('while the libraries load, standard error is the program’s, and theirs is silent', () => {
  const { stdout, stderr, status } = runLoader(`
    startLoading(files);
    const endMs = performance.now() + 400;
    let lines = 0;
    while (performance.now() < endMs) {
      fs.writeSync(2, 'a line\\n');
      lines += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
    const tf = loadTfjs(files);
    console.log(lines, tf.matMul([[3]], [[2]]).dataSync()[0]);`);
  const [lines = Number.NaN, product] = stdout.split(' ').map(Number);
  expect({ status, product }).toEqual({ status: 0, product: 6 });
  expect(stderr).toBe('a line\n'.repeat(lines));
});

test('a process may end while they load', () => {
  const { stderr, status } = runLoader('startLoading(files); process.exit(66);');
  expect({ stderr, status }).toEqual({ stderr: '', status: 66 });
});

// All threads of a process that has multiplied once with this setting.
function countThreads(threads: number): number {
  const { stdout } = runLoader(
    `const tf = loadTfjs(files);
    tf.matMul([[1]], [[2]]).dataSync();
    console.log(fs.readdirSync('/proc/self/task').length);`,
    { TF_NUM_INTRAOP_THREADS: String(threads) },
  );
  return Number(stdout);
}

// A process of its own, with `files` to load.
function runLoader(body: string, environment: NodeJS.ProcessEnv = {}) {
  const program = `
    import fs from 'node:fs';
    import { findLibrary, listAddons } from './setup/layout.mjs';
    import { loadTfjs, startLoading } from './setup/tfjs.mjs';
    const library = findLibrary();
    const [quiet, binding] = listAddons(library).map(({ file }) => file);
    const files = { ...library, quiet, binding };
    ${body}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
}
