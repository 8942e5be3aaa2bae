import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { decodeTensorFile, encodeTensorFile } from '../../src/core/tensor-file.ts';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { readMetricsLog } from '../../src/run/metrics-log.ts';
import { readRunConfig, writeRunConfig } from '../../src/run/run-config.ts';
import { fileOf } from '../support/checkpoints.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { preload, runCli } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const cwd = createTempFolder();
let dataset = '';
const common = ['--arch=conv3x3', '--batch-size=10', '--eval-images=10', '--validation=10', '--eval-every=1'];
const train = (...words: readonly string[]) =>
  runWarm(['train', `--dataset=${dataset}`, ...common, '--checkpoint-every=1', ...words], { cwd });
const folderOf = (name: string) => path.join(cwd, name);
const checkpointsOf = (name: string) => path.join(cwd, name, 'checkpoints');

beforeAll(async () => {
  dataset = writeDigitsFolder(110, 10);
  const { exit } = await train('--max-steps=4', '--keep=2', '--out=net', '-q');
  expect(exit).toBe(0);
});

test('older checkpoints make room, never fewer than two and the best (D27)', () => {
  const best = loadNewestCheckpoint(checkpointsOf('net')).state.best?.step ?? 0;
  const kept = best < 3 ? [best, 3, 4] : [3, 4];
  expect(fs.readdirSync(checkpointsOf('net'))).toEqual(kept.map((step) => path.basename(fileOf('', step))));
});

test.concurrent('a run that is resumed under different conditions is reported, and what they were is kept (D20)', async () => {
  fs.cpSync(folderOf('net'), folderOf('moved'), { recursive: true });
  const config = readRunConfig(folderOf('moved'));
  writeRunConfig(folderOf('moved'), { ...config, versions: { ...config.versions, tensorflow: '2.15.0' } });
  const words = ['train', '--resume', 'moved', '--max-steps=5', '--threads=1'];
  const { exit, stderr } = await runCli(words, { cwd });
  expect([exit, stderr.split('\n').filter((line) => line.startsWith('mnist-cnn:'))]).toEqual([
    0,
    [
      'mnist-cnn: warning: this run was started under different conditions (threads, tensorflow): results may not be bit-identical',
    ],
  ]);
  const { versions, resumed } = readRunConfig(folderOf('moved'));
  expect([versions['tensorflow'], resumed]).toMatchObject([
    '2.15.0',
    [{ step: 4, versions: { tensorflow: config.versions['tensorflow'] }, machine: { threads: 1 } }],
  ]);
});

test.concurrent('a resumed run never takes worse weights for the best (D28)', async () => {
  fs.cpSync(folderOf('net'), folderOf('best'), { recursive: true });
  const newest = fileOf(checkpointsOf('best'), 4);
  const { header, arrays } = decodeTensorFile(fs.readFileSync(newest), newest);
  const best = { step: 3, loss: 0, accuracy: 1 };
  fs.writeFileSync(newest, encodeTensorFile({ header: { ...header, best }, arrays }));
  const words = ['train', '--resume', 'best', '--max-steps=9', '--keep=2', '--json', '-q'];
  const { exit, stdout } = await runWarm(words, { cwd });
  expect([exit, JSON.parse(stdout)]).toMatchObject([0, { step: 3, steps: 9, best }]);
  // Of the newest two and the best, 3 is the best.
  expect(fs.readdirSync(checkpointsOf('best')).map((name) => Number(name.slice(5, 11)))).toEqual([3, 8, 9]);
  const kept = decodeTensorFile(fs.readFileSync(fileOf(checkpointsOf('best'), 3)), '3').arrays;
  const weights = kept.filter(({ name }) => name.startsWith('weights/')).map(({ values }) => values);
  const file = fs.readdirSync(folderOf('best')).find((name) => name.endsWith('.bin')) ?? '';
  expect(
    fs
      .readFileSync(path.join(folderOf('best'), file))
      .equals(Buffer.concat(weights.map((values) => Buffer.from(values.buffer)))),
  ).toBe(true);
});

test.concurrent.each([
  ['checkpoints', 'checkpoints', /^step-\d{6}\.ckpt$/],
  ['the model', '.', /^(model\.json|weights-[0-9a-f]{12}\.bin)$/],
])('a run that may no longer write %s stops with 74 and reports which file (D26)', async (_, part, file) => {
  const name = `closed${part.length}`;
  const closed = path.join(folderOf(name), part);
  let isClosed = false;
  const { exit, stderr } = await runCli(
    ['train', `--dataset=${dataset}`, ...common, '--checkpoint-every=1', '--epochs=500', `--out=${name}`],
    {
      cwd,
      nodeFlags: preload('without-privileges'),
      onStderr: (text) => {
        if (isClosed || !text.includes('step 2/')) return;
        isClosed = true;
        fs.chmodSync(closed, 0o500);
      },
    },
  );
  fs.chmodSync(closed, 0o700);
  const first = stderr.split('\n').find((line) => line.startsWith('mnist-cnn:'));
  const [, found = '', reason] = /^mnist-cnn: cannot write (\S+): (.*)$/.exec(first ?? '') ?? [];
  expect([exit, reason]).toEqual([74, 'permission denied (EACCES)']);
  expect(found).toMatch(file);
  expect(stderr).not.toMatch(/^\s+at /m);
  // What was told as saved is there, and nothing was done after it.
  const { state, skipped } = loadNewestCheckpoint(checkpointsOf(name));
  const lines = readMetricsLog(path.join(folderOf(name), 'log.jsonl'));
  const last = Math.max(...lines.map((line) => ('step' in line ? line.step : 0)));
  expect([skipped, last - state.step <= 1]).toEqual([[], true]);
  if (part === 'checkpoints')
    expect(stderr).toContain(`\n  The checkpoint of step ${state.step} is still good.\n`);
});
