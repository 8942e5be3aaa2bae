import os from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: {
      // Tests read the loader's source, so that no build has to come first.
      '#mnist-dataset-loader': new URL('./packages/mnist-dataset-loader/src/index.ts', import.meta.url)
        .pathname,
    },
  },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    // tfjs-node cannot be loaded in a second thread of one process.
    pool: 'forks',
    // Most tests wait for a program that they started, and that for a disk or a clock: three at a time, on two cores, too.
    maxWorkers: Math.max(3, os.availableParallelism() - 1),
    // On a shared machine a test may take ten times its time.
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
