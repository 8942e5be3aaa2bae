import fs from 'node:fs';
import nodePath from 'node:path';
import { escapeText, TrainerError } from '../../core/errors.ts';
import { toCurvePoint } from '../../report/curve-series.ts';
import type { RunCurves } from '../../report/run-curves.ts';
import { formatVerdict, judgeCurves, type Verdict } from '../../report/verdict.ts';
import type { Output } from '../output.ts';

/** A run's curves and what they say. */
export interface ComparedRun {
  readonly folder: string;
  readonly curves: RunCurves;
  readonly verdict: Verdict;
}

/**
 * Reads the log of a model folder and judges its curves.
 *
 * @throws TrainerError `E_NO_INPUT` where the folder has no log or the log no log points, `E_MODEL_FORMAT`.
 */
export async function readRun(folder: string, name: string): Promise<ComparedRun> {
  const file = nodePath.join(folder, 'log.jsonl');
  if (!fs.existsSync(file)) throw noCurves(folder, file, 'log.jsonl does not exist');
  // With it comes the schema library, which --help need not wait for.
  const { readMetricsLog } = await import('../../run/metrics-log.ts');
  const points = readMetricsLog(file)
    .filter((line) => line.event === 'step')
    .map(toCurvePoint);
  if (points.length === 0) throw noCurves(folder, file, 'its log has no log points');
  const verdict = judgeCurves(points);
  const mark =
    verdict.type === 'overfitting'
      ? { step: verdict.best.step, text: `${name} overfits from here on: lowest ${verdict.split} loss` }
      : undefined;
  return { folder, curves: { name, points, ...(mark && { mark }) }, verdict };
}

/**
 * Whether a model's weights were chosen by half of these test images, as `--validation test-half` does. A model without its run, or
 * with one that cannot be read, which is warned of, counts as not chosen so.
 */
export async function isChosenByTest(folder: string, testSha256: string, output: Output): Promise<boolean> {
  // With it comes the schema library, which --help need not wait for.
  const { hasRun, readRunConfig } = await import('../../run/run-config.ts');
  if (!hasRun(folder)) return false;
  try {
    const { options, data } = readRunConfig(folder);
    return options['validation'] === 'test-half' && data.test.sha256 === testSha256;
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error;
    output.warn(`cannot tell whether ${escapeText(folder)} was chosen by test images: ${error.message}`);
    return false;
  }
}

/** The verdicts on runs as text for the terminal. */
export function formatVerdicts(runs: readonly ComparedRun[]): string {
  return runs
    .map(({ curves, verdict }) => `${escapeText(curves.name)}: ${formatVerdict(verdict)}`)
    .join('\n\n');
}

function noCurves(folder: string, file: string, reason: string): TrainerError {
  return new TrainerError('E_NO_INPUT', `no curves for ${escapeText(folder)}: ${reason}`, {
    path: file,
    hint: 'Curves need the log that training writes into the model folder. Without --curves, none are drawn.',
  });
}
