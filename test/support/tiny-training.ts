import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readFileCapped } from '../../src/core/files.ts';
import { decodeTensorFile } from '../../src/core/tensor-file.ts';
import { readMetricsLog } from '../../src/run/metrics-log.ts';
import { runProgram } from './program.ts';
import { writeDigits } from './write-digits.ts';

/** A network of one layer, with dropout: a training of it takes less time than the start of the program. */
const network = {
  name: 'tiny',
  layers: [{ type: 'flatten' }, { type: 'dropout', rate: 0.25 }, { type: 'dense', units: 10 }],
};

/** Writes data and network of a tiny training into a folder, and gives the words for it, its model folder being `net`. */
export function prepareTinyTraining(folder: string, more: readonly string[] = []): readonly string[] {
  const dataset = path.join(folder, 'digits');
  if (!existsSync(dataset)) writeDigits(dataset, 60, 20);
  const file = path.join(folder, 'tiny.json');
  writeFileSync(file, JSON.stringify(network));
  const common = ['--out=net', '--batch-size=20', '--eval-images=10', '--threads=1'];
  return ['train', `--dataset=${dataset}`, `--arch=${file}`, ...common, ...more];
}

/**
 * Goes on with a run until the program says that the model is there, and gives what it said; the curves that it draws then
 * are not waited for.
 */
export async function goOn(cwd: string, words: readonly string[]): Promise<string> {
  const result = await runProgram(words, {
    cwd,
    onStderr: (text, child) => {
      if (text.includes('\nnext: ')) child.kill('SIGKILL');
    },
  });
  if (result.stderr.includes('\nnext: ')) return result.stderr;
  throw new Error(`the run did not go on: ${result.exit ?? result.signal}\n${result.stderr}`);
}

/** The steps of the checkpoints that are there, rising. */
export function listCheckpoints(folder: string): readonly number[] {
  const checkpoints = path.join(folder, 'checkpoints');
  const names = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  return names
    .filter((name) => name.endsWith('.ckpt'))
    .map((name) => Number.parseInt(name.slice(5), 10))
    .sort((left, right) => left - right);
}

/** Weights, optimizer and position of the newest checkpoint bit for bit, and the names, hashes that is, of the model's weights. */
export function fingerprint(folder: string): unknown {
  const name = `step-${String(listCheckpoints(folder).at(-1)).padStart(6, '0')}.ckpt`;
  const file = path.join(folder, 'checkpoints', name);
  const { header, arrays } = decodeTensorFile(readFileCapped(file, 2 ** 30, 'E_MODEL_FORMAT'), file);
  const { elapsedMs: _, ...position } = header;
  const bits = arrays.map((array) => [
    array.name,
    Buffer.from(array.values.buffer, array.values.byteOffset, array.values.byteLength).toString('base64'),
  ]);
  return { position, bits, model: readdirSync(folder).filter((entry) => /^weights-.*\.bin$/.test(entry)) };
}

/** The last step that the log tells as saved; 0 where none. */
export function acknowledgedStep(folder: string): number {
  const file = path.join(folder, 'log.jsonl');
  if (!existsSync(file)) return 0;
  const saved = readMetricsLog(file).filter((line) => line.event === 'checkpoint');
  return Math.max(0, ...saved.map(({ step }) => step));
}

/** The names of temp files that are left below a folder. */
export function listLeftOver(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
  return names.filter((name) => name.includes('.tmp-'));
}
