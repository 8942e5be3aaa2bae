// Writes a run as `train` does, without TensorFlow, with the modules of src/run that are given. A run that is there is gone on
// with. Six steps, a log point each, a checkpoint every second one; the state of a step follows from its number.
import fs from 'node:fs';
import path from 'node:path';

const digest = { images: 1, sha256: '0' };
const config = {
  format: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  options: {},
  data: { train: digest, test: digest },
  versions: {},
  machine: {},
  resumed: [],
};
const started = {
  at: config.createdAt,
  architecture: 'cnn',
  parameters: 64,
  trainImages: 1,
  stepsPerEpoch: 6,
  epochs: 1,
};

/**
 * Writes the run and calls `tell` with each step once it is saved.
 *
 * @param {string} folder
 * @param {Pick<typeof import('../../src/run/run-directory.ts') & typeof import('../../src/run/run-config.ts'), 'createRun' | 'findResumePoint' | 'resumeRun' | 'readRunConfig'>} modules
 * @param {(step: number) => void} tell
 */
export function writeRun(folder, { createRun, findResumePoint, resumeRun, readRunConfig }, tell) {
  const isThere = fs.existsSync(path.join(folder, 'config.json'));
  const step = isThere ? (findResumePoint(folder).state?.step ?? 0) : 0;
  const run = isThere
    ? resumeRun(folder, { config: readRunConfig(folder), step, keep: 2, at: new Date(0) })
    : createRun(folder, { config, started, keep: 2 });
  for (let next = step + 1; next <= 6; next++) {
    const test = { loss: 1 / next, accuracy: next / 10 };
    run.append({ type: 'step', step: next, epoch: next / 6, elapsedMs: next, learningRate: 0.001, test });
    if (next % 2 !== 0) continue;
    run.save(stateOf(next), 'interval');
    tell(next);
  }
  run.append({ type: 'ended', reason: 'finished', step: 6, elapsedMs: 6 });
  run.close();
}

function stateOf(step) {
  const values = Float32Array.from({ length: 64 }, (_, index) => step + index);
  return {
    step,
    elapsedMs: step,
    weights: [{ name: 'weights', shape: [64], values }],
    optimizer: [{ name: 'mean/0', shape: [1], values: Float32Array.of(step / 2) }],
  };
}
