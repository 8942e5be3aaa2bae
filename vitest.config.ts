import os from 'node:os';
import { defineConfig } from 'vitest/config';

// These need a process of their own: they replace a module, or say with how many threads TensorFlow is loaded.
const apart = ['test/backend/tf.test.ts', 'test/faults/setup.test.ts'];

// Tests read the loader's source, as tsconfig.base.json says.
const resolve = { tsconfigPaths: true };

const common = {
  setupFiles: 'test/support/clean-up.ts',
  // tfjs-node cannot be loaded in a second thread of one process.
  pool: 'forks',
  // On a shared machine a test may take ten times its time.
  testTimeout: 180_000,
  hookTimeout: 240_000,
} as const;

export default defineConfig({
  test: {
    globalSetup: 'test/build.mjs',
    projects: [
      {
        resolve,
        test: {
          ...common,
          name: 'together',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: apart,
          // The files of a worker share one process, which loads vitest and TensorFlow once.
          isolate: false,
        },
      },
      { resolve, test: { ...common, name: 'apart', include: apart } },
    ],
    // Most tests wait for a program that they started, and that for a disk or a clock: three at a time, on two cores, too.
    maxWorkers: Math.max(3, os.availableParallelism() - 1),
    // Tests of a command run the built program, which vitest does not follow.
    watchTriggerPatterns: [
      { pattern: /src\/cli\/(\w+)\//, testsToRun: (_file, [, command]) => [`test/cli/${command}.test.ts`] },
    ],
  },
});
