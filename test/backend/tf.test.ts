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
    'TensorFlow runs with 1 threads, 2 come too late',
  );
});

test.runIf(process.platform === 'linux')('the variable that it sets is the one that counts threads', () => {
  expect(countThreads(5) - countThreads(1)).toBe(4);
});

// All threads of a process that has multiplied once with this setting.
function countThreads(threads: number): number {
  const program = `
    import fs from 'node:fs';
    import { findLibrary, listAddons } from './scripts/setup/layout.mjs';
    import { loadTfjs } from './scripts/setup/tfjs.mjs';
    const library = findLibrary();
    const [quiet, binding] = listAddons(library).map(({ file }) => file);
    const tf = loadTfjs({ ...library, quiet, binding });
    tf.matMul([[1]], [[2]]).dataSync();
    console.log(fs.readdirSync('/proc/self/task').length);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads) },
  });
  return Number(stdout);
}
