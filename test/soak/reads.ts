import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { findNonFinite } from '../../src/core/tensor-file.ts';
import { loadModel } from '../../src/model/saved-model.ts';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { runProgram } from '../support/program.ts';
import { prepareTinyTraining } from '../support/tiny-training.ts';
import type { SoakResult } from './result.ts';

/** Of so many reads one is done by the real program, the others in this process. */
const readsAProgram = 100;

/**
 * Reads model and newest checkpoint, again and again, while a training saves both every other millisecond. Each must be whole, and
 * the steps of the checkpoints must never fall.
 */
export async function readDuringSaves(folder: string, reads: number): Promise<SoakResult> {
  const lost: string[] = [];
  const seen = new Set<string>();
  await loadTensorFlow();
  fs.mkdirSync(folder, { recursive: true });
  const words = prepareTinyTraining(folder, ['--epochs=10000', '--eval-every=1000000', '--keep=2', '-q']);
  let child: ChildProcess | undefined;
  let hasEnded = false;
  const onStart = (started: ChildProcess) => {
    child = started;
  };
  const training = runProgram(words, { cwd: folder, onStart }).finally(() => {
    hasEnded = true;
  });
  const net = path.join(folder, 'net');
  for (;;) {
    if (hasEnded || fs.existsSync(path.join(net, 'metadata.json'))) break;
    await pause();
  }
  const dataset = words.find((word) => word.startsWith('--dataset=')) ?? '';
  let newest = 0;
  let programs = 0;
  for (let read = 1; read <= reads; read++) {
    await pause();
    try {
      const { metadata } = loadModel(net);
      if (metadata === undefined) lost.push(`read ${read}: the model is not that of its metadata`);
      else seen.add(metadata.weightsSha256);
      const { state, skipped } = loadNewestCheckpoint(path.join(net, 'checkpoints'));
      if (state.step < newest) lost.push(`read ${read}: step ${state.step} after step ${newest}`);
      if (skipped.length > 0) lost.push(`read ${read}: ${skipped.map(({ reason }) => reason).join(', ')}`);
      if (findNonFinite(state.weights) !== undefined) lost.push(`read ${read}: weights that are not finite`);
      newest = state.step;
    } catch (error) {
      lost.push(`read ${read}: ${String(error)}`);
    }
    if (read % readsAProgram !== 0) continue;
    programs++;
    const { exit, stderr } = await runProgram(['eval', '--model=net', dataset, '--out-dir=eval', '-q'], {
      cwd: folder,
    });
    if (exit !== 0) lost.push(`read ${read} by the program: exit ${exit}: ${stderr}`);
  }
  child?.kill('SIGINT');
  const { signal, stderr } = await training;
  if (signal !== 'SIGINT') lost.push(`the training ended by itself: ${stderr}`);
  const tried = { reads, 'models seen': seen.size, 'reads by the program': programs };
  return { seed: 0, tried, lost };
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
