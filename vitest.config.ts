import os from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Tests read the loader's source, as tsconfig.base.json says.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    globalSetup: 'test/build.mjs',
    setupFiles: 'test/support/remove-folders.ts',
    // tfjs-node cannot be loaded in a second thread of one process.
    pool: 'forks',
    // The files of a worker share one process, which loads TensorFlow once: they leave nothing behind in it.
    isolate: false,
    // Most tests wait for a program that they started, and that for a disk or a clock: three at a time, on two cores, too.
    maxWorkers: Math.max(3, os.availableParallelism() - 1),
    // On a shared machine a test may take ten times its time.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // Tests of a command run the built program, which vitest does not follow.
    watchTriggerPatterns: [
      { pattern: /src\/cli\/(\w+)\//, testsToRun: (_file, [, command]) => [`test/cli/${command}.test.ts`] },
    ],
  },
});
