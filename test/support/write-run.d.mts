import type { readRunConfig } from '../../src/run/run-config.ts';
import type { createRun, findResumePoint, resumeRun } from '../../src/run/run-directory.ts';

/** See write-run.mjs. */
export function writeRun(
  folder: string,
  modules: {
    readonly createRun: typeof createRun;
    readonly findResumePoint: typeof findResumePoint;
    readonly resumeRun: typeof resumeRun;
    readonly readRunConfig: typeof readRunConfig;
  },
  tell: (step: number) => void,
): void;
