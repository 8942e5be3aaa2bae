import { beforeAll, expect, test } from 'vitest';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { createPairs, cutPairs } from '../../src/data/pairs.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';
import { evaluateModel } from '../../src/evaluate/evaluate.ts';
import { addProbabilities, evaluateSums } from '../../src/evaluate/evaluate-sums.ts';
import { disposeModel } from '../../src/model/model.ts';
import { createModel } from '../support/model.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

test('two readings are added as a sum of dice is: each way to a sum counts', () => {
  const dice = Float32Array.from({ length: 20 }, () => 0.1);
  const sums = [...addProbabilities(dice)].map((value) => Math.round(Math.exp(value) * 100));
  expect(sums).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test('a pair is read as its two digits are read alone', async () => {
  const pairs = createPairs(createSyntheticDigits({ seed: 1, count: 40 }), 2);
  const model = createModel('conv3x3');
  const digits = cutPairs(pairs.images);
  const alone = await evaluateModel(model, { images: digits, labels: new Uint8Array(80), count: 80 });
  const { predictions, correct, accuracy } = await evaluateSums(model, pairs);
  const added = Array.from(predictions, (_, index) => {
    return (alone.predictions[2 * index] ?? 0) + (alone.predictions[2 * index + 1] ?? 0);
  });
  expect([...predictions]).toEqual(added);
  expect(accuracy).toBe(correct / 40);
  disposeModel(model);
});
