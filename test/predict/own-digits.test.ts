import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { isRight, readScenes } from '../../bench/own-digits/reading.ts';
import { loadRealDigits } from '../../bench/own-digits/real.ts';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import type { Network } from '../../src/model/ensemble.ts';
import { predictLogits } from '../../src/model/forward.ts';
import { trustOf } from '../../src/model/metadata.ts';
import { loadModel } from '../../src/model/saved-model.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const real = loadRealDigits(path.join(root, '../shared/own-digits'));
const note = real === undefined ? ' (skipped: the pictures are not beside the checkout)' : '';

// Each share is a little below what the network reads, so that a loss is seen; what is asked of it stands in the table of
// `npm run bench -- own-digits`.
describe.skipIf(real === undefined)(`the network that ships reads real digits${note}`, () => {
  let network: Network;

  beforeAll(async () => {
    await loadTensorFlow();
    const { model, metadata } = loadModel(path.join(root, 'models/pretrained'));
    network = { classify: (images) => predictLogits(model, images), trust: trustOf(metadata) };
  });

  test.each([
    ['single ones, without a printed box', real?.single ?? [], 0.98],
    ['those in printed boxes', real?.boxed ?? [], 0.95],
    ['those of 8 x 8 pixels', real?.tiny ?? [], 0.88],
    ['all digits of pictures with several', real?.several ?? [], 0.9],
  ])('%s', async (_what, scenes, least) => {
    const outcomes = await readScenes(scenes, network);
    const wrong = outcomes.filter((outcome) => !isRight(outcome));
    const names = wrong.map(({ scene, answer }) => `${scene.name} as ${answer || 'none'}`).join(', ');
    expect(1 - wrong.length / scenes.length, names).toBeGreaterThanOrEqual(least);
  });
});
