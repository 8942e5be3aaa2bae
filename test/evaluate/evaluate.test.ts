import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { type Evaluation, evaluateModel, evaluateNetworks } from '../../src/evaluate/evaluate.ts';
import { createNetworks } from '../../src/model/create-networks.ts';
import { createSmallSplits } from '../support/digits.ts';
import { createModel } from '../support/model.ts';

const { test: examples } = createSmallSplits(1, 40);

beforeAll(async () => {
  await loadTensorFlow();
});

/** Measures networks with the first weights of these seeds as one. */
function evaluateSeeds(...seeds: readonly number[]): Promise<Evaluation> {
  const models = seeds.map((seed) => ({ model: createModel('conv3x3', seed) }));
  return evaluateNetworks(createNetworks(models), examples);
}

describe('evaluateNetworks', () => {
  test('of one network gives what evaluateModel gives, bit for bit', async () => {
    expect(await evaluateSeeds(1)).toEqual(await evaluateModel(createModel('conv3x3', 1), examples));
  });

  test('of the same network twice reads and loses as it does alone', async () => {
    const [alone, twice] = [await evaluateSeeds(1), await evaluateSeeds(1, 1)];
    expect([...twice.predictions]).toEqual([...alone.predictions]);
    expect(twice.loss).toBeCloseTo(alone.loss, 6);
  });

  test('does not depend on the order of the networks', async () => {
    const [given, turned] = [await evaluateSeeds(1, 2, 3), await evaluateSeeds(3, 1, 2)];
    given.logits.forEach((logit, at) => expect(turned.logits[at]).toBeCloseTo(logit, 6));
  });

  test('of several has no greater loss than they have in the mean', async () => {
    const losses = [];
    for (const seed of [1, 2, 3]) losses.push((await evaluateSeeds(seed)).loss);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / 3;
    expect((await evaluateSeeds(1, 2, 3)).loss).toBeLessThan(mean);
  });
});
