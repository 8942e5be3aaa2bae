import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { type Architecture, findArchitecture } from '../../src/model/architectures.ts';
import { predictLogits } from '../../src/model/forward.ts';
import { buildModel, disposeModel } from '../../src/model/model.ts';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { type TrainConfig, train } from '../../src/train/train.ts';
import { createSmallSplits, writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { encodeIdx } from '../support/idx.ts';
import { createImages, tiny } from '../support/model.ts';
import { runWarm } from '../support/warm-cli.ts';

const cwd = createTempFolder();

/** Black images but for one white one, which comes in the third batch of ten with seed 1. */
function writeDarkImages(): string {
  const folder = createTempFolder();
  for (const [name, count] of [
    ['train', 60],
    ['t10k', 20],
  ] as const) {
    const images = new Uint8Array(count * 784);
    if (name === 'train') images.fill(255, 7 * 784, 8 * 784);
    const labels = Uint8Array.from({ length: count }, (_, index) => index % 10);
    fs.writeFileSync(path.join(folder, `${name}-images-idx3-ubyte`), encodeIdx([count, 28, 28], images));
    fs.writeFileSync(path.join(folder, `${name}-labels-idx1-ubyte`), encodeIdx([count], labels));
  }
  return folder;
}

describe.concurrent('a training whose weights overflow while its loss is finite', () => {
  const layers = [{ type: 'flatten' }, { type: 'dense', units: 10 }];

  test.each([
    ['measured', '--eval-every=1'],
    ['saved', '--eval-every=100'],
  ])(
    'ends with 80 and the weight when it is to be %s, the last finite checkpoint kept (I2)',
    async (_, flag) => {
      const folder = fs.mkdtempSync(path.join(cwd, 'overflow-'));
      // One white pixel times the learning rate is more than float32 holds; with the first weights the loss is not.
      fs.writeFileSync(path.join(folder, 'flat.json'), JSON.stringify({ pixels: [0, 1e34], layers }));
      const words = [
        '--arch=flat.json',
        '--optimizer=sgd',
        '--lr=1e6',
        '--batch-size=10',
        '--seed=1',
        '--out=net',
      ];
      const { exit, stdout, stderr } = await runWarm(
        ['train', `--dataset=${writeDarkImages()}`, ...words, '--checkpoint-every=1', flag, '-q'],
        { cwd: folder },
      );
      // Before it stands a warning: all these images are the same.
      expect([exit, stdout, stderr.slice(stderr.indexOf('mnist-cnn: training'))]).toEqual([
        80,
        '',
        'mnist-cnn: training diverged in epoch 1, step 3, at learning rate 1000000: dense_1/kernel[0] is -Infinity\n' +
          '  The last checkpoint before that is kept. Try a smaller --lr, such as a tenth of this one.\n',
      ]);
      const { state, skipped } = loadNewestCheckpoint(path.join(folder, 'net/checkpoints'));
      expect([state.step, skipped]).toEqual([2, []]);
      expect(fs.readFileSync(path.join(folder, 'net/results.csv'), 'utf8')).not.toMatch(/nan|inf/i);
    },
  );
});

test.concurrent('--lr 100 ends with a warning, or with 80 (I3)', async () => {
  const dataset = writeDigitsFolder(60, 20);
  const words = ['--lr=100', '--batch-size=20', '--out=fast', '-q'];
  const { exit, stderr } = await runWarm(['train', `--dataset=${dataset}`, ...words], { cwd });
  const expected =
    exit === 80
      ? /^mnist-cnn: training diverged in epoch 1, step \d, at learning rate 100: /
      : /^mnist-cnn: warning: the network is worse than guessing \(test accuracy [\d.]+ %, loss [\d.e+]+; guessing: 2\.30\): the learning rate 100 is probably too high\n$/;
  expect([0, 80]).toContain(exit);
  expect(stderr).toMatch(expected);
});

describe('tensors', () => {
  /** Few and small layers, for a thousand steps. */
  const small: Architecture = {
    ...tiny,
    layers: [
      { type: 'conv2d', filters: 1, kernelSize: 3, padding: 'valid', strides: 4, activation: 'relu' },
      { type: 'flatten' },
      { type: 'dropout', rate: 0.25 },
      { type: 'dense', units: 10 },
    ],
  };

  beforeAll(async () => {
    await loadTensorFlow();
  });

  const config: TrainConfig = {
    epochs: 250,
    batchSize: 10,
    learningRate: 0.001,
    optimizer: 'adam',
    schedule: 'constant',
    seed: 0,
    sampling: 'shuffle',
    evalEvery: 200,
    evalImages: 10,
  };

  test.each([
    ['stock', small],
    ['fused', findArchitecture('conv3x3')],
  ] as const)(
    'are as many after 1,000 steps as before with %s kernels (I6)',
    async (kernels, architecture) => {
      const data = createSmallSplits(40, 10);
      const input = {
        data,
        signal: new AbortController().signal,
        clock: { nowMs: () => 0, today: () => new Date(0) },
      };
      const before = tf.memory().numTensors;
      const model = buildModel(architecture, kernels);
      const counts = new Set<number>();
      let steps = 0;
      for await (const event of train(model, input, config)) {
        if (event.type === 'progress') counts.add(tf.memory().numTensors);
        if (event.type === 'checkpoint-due') event.captureState();
        steps = event.step;
      }
      disposeModel(model);
      expect([steps, counts.size, tf.memory().numTensors]).toEqual([1000, 1, before]);
    },
  );

  test('are as many after 1,000 predictions as before (I6)', async () => {
    const model = buildModel(small);
    const image = createImages(1);
    await predictLogits(model, image);
    const before = tf.memory().numTensors;
    for (let turn = 0; turn < 1000; turn++) await predictLogits(model, image);
    expect(tf.memory().numTensors).toBe(before);
    disposeModel(model);
  });
});
