import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { toProbabilities } from '../../src/evaluate/metrics.ts';
import { predictLogits } from '../../src/model/forward.ts';
import { loadModel } from '../../src/model/saved-model.ts';
import { createTempFolder } from '../support/folder.ts';
import { runCli } from '../support/run-cli.ts';

const golden = fileURLToPath(new URL('../golden/foreign/', import.meta.url));

/** The four images that the goldens were asked about. */
const images = Uint8Array.from(
  { length: 4 * 784 },
  (_, at) => (Math.floor((at % 784) / 28) * 7 + (at % 28) * 13 + Math.floor(at / 784) * 31) % 256,
);

const unit =
  "another tool's model: it is assumed to take pixels from 0 (paper) to 1 (ink); its last softmax is applied here";
const own = "another tool's model: its own first layer scales the pixels; its last softmax is applied here";

beforeAll(async () => {
  await loadTensorFlow();
});

describe.each([
  ['keras2-sequential', unit],
  ['keras2-functional', unit],
  ['keras2-flat', unit],
  ['keras3-sequential', unit],
  ['keras3-functional', unit],
  ['keras3-file', own],
  ['tfjs-sequential', unit],
  ['tfjs-functional', unit],
])('the model %s', (name, assumed) => {
  const folder = path.join(golden, name);

  test('gives the probabilities that it gave where it was made', async () => {
    const expected: readonly number[][] = JSON.parse(
      fs.readFileSync(path.join(folder, 'expected.json'), 'utf8'),
    );
    const probabilities = toProbabilities(await predictLogits(loadModel(folder).model, images), 4);
    const given = expected.flat();
    // Six decimals were written; sums in another order differ in the seventh.
    const furthest = Math.max(...given.map((value, at) => Math.abs(value - (probabilities[at] ?? 0))));
    expect([probabilities.length, furthest < 2e-6]).toEqual([given.length, true]);
  });

  test('reports what it is taken to be', () => {
    expect(loadModel(folder).assumed).toBe(assumed);
  });
});

test('what a model is taken to be is said once, where it is loaded', async () => {
  const folder = path.join(createTempFolder(), 'net');
  fs.cpSync(path.join(golden, 'keras3-functional'), folder, { recursive: true });
  const words = ['eval', '--model', folder, '--dataset', 'synthetic', '--images', '50'];
  const { exit, stderr } = await runCli(words);
  expect([exit, stderr.split('\n').filter((line) => line.includes('another tool'))]).toEqual([
    0,
    [`${folder}: ${unit}`],
  ]);
});
