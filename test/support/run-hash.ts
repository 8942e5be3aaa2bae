import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { NamedArray } from '../../src/core/tensor-file.ts';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';

/** What a run has come to, each as SHA-256. */
export interface RunHash {
  /** Of the newest checkpoint, and what the files of the model's weights are called, hashes again. */
  readonly weights: string;
  /** Of the optimizer's state, the step and the best score. */
  readonly optimizer: string;
  /** Of `results.csv` without its times. */
  readonly table: string;
}

/** Hashes newest checkpoint, model and table of a model folder. */
export function hashRun(folder: string): RunHash {
  const { state } = loadNewestCheckpoint(path.join(folder, 'checkpoints'));
  const models = readdirSync(folder).filter((name) => /^weights-.*\.bin$/.test(name));
  return {
    weights: hash(state.weights, models.join()),
    optimizer: hash(state.optimizer, JSON.stringify([state.step, state.best])),
    table: hash([], readTable(folder).join('\n')),
  };
}

/** Steps and scores of a model folder's table, a line each, without the times. */
export function readTable(folder: string): readonly string[] {
  const rows = readFileSync(path.join(folder, 'results.csv'), 'utf8').trimEnd().split('\n');
  return rows.map((row) => row.split(',').toSpliced(2, 1).join());
}

function hash(arrays: readonly NamedArray[], text: string): string {
  const sum = createHash('sha256').update(text);
  for (const { name, shape, values } of arrays) sum.update(`${name} ${shape.join()}`).update(values);
  return sum.digest('hex');
}
