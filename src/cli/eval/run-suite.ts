import { TrainerError } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import type { Examples } from '../../data/split.ts';
import { measureSuite, type SuiteMeasure } from '../../evaluate/suite.ts';
import type { Network } from '../../model/ensemble.ts';
import type { Model } from '../../model/model.ts';
import { runInterruptible } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { createSuiteReport, type SuiteReport } from './suite-report.ts';

/** Refuses `--suite` of a network that adds. @throws TrainerError `E_USAGE` with the call without it. */
export function requireSuiteTask({ architecture }: Model, name: string): void {
  if (architecture.task !== 'sum') return;
  throw new TrainerError('E_USAGE', `${name} adds two digits; --suite changes images of single digits`, {
    hint: 'To measure it on unchanged pairs of digits:',
    retryWith: { suite: undefined },
  });
}

/** Measures networks as one on changed images, of which they read `correct` as they are; `undefined` where a signal came. */
export function runSuite(
  networks: readonly Network[],
  images: Examples,
  { output, correct }: { readonly output: Output; readonly correct: number },
): Promise<SuiteReport | undefined> {
  output.note(
    `measuring ${formatCount(images.count)} changed images, in eight ways with five strengths each`,
  );
  return runInterruptible(output, 'Stopping.', async (signal) => {
    const measures: SuiteMeasure[] = [];
    for await (const measure of measureSuite(networks, images)) {
      signal.throwIfAborted();
      measures.push(measure);
    }
    return createSuiteReport(measures, { images: images.count, correct });
  });
}
