import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { takeRange } from '../../src/data/split.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';
import { calibrate } from '../../src/evaluate/calibrate.ts';
import { readWeights, writeWeights } from '../../src/model/weights.ts';
import { createModel } from '../support/model.ts';

const digits = createSyntheticDigits({ seed: 1, count: 2100 });
const train = takeRange(digits, 100, 2100);
const validation = takeRange(digits, 0, 100);

beforeAll(async () => {
  await loadTensorFlow();
});

describe('the calibration of a model', () => {
  test('is measured on the validation images', async () => {
    expect(await calibrate(createModel(), { train, validation })).toMatchObject({
      from: 'validation',
      images: 100,
      temperature: expect.any(Number),
      error: expect.any(Number),
    });
  });

  test('without any has no temperature, and takes 2,000 training images at most', async () => {
    const found = await calibrate(createModel(), { train: digits });
    expect([found?.from, found?.images, Object.keys(found ?? {})]).toEqual([
      'training',
      2000,
      ['from', 'images', 'familiarity'],
    ]);
  });

  test('holds rising percentiles of familiarity', async () => {
    const { familiarity = [] } = (await calibrate(createModel(), { train })) ?? {};
    const values = familiarity.map(({ value }) => value);
    expect(familiarity.map(({ percent }) => percent)).toEqual([0.1, 0.4, 1, 5, 50]);
    expect([values.toSorted((left, right) => left - right), new Set(values).size]).toEqual([values, 5]);
  });

  test('is none where a logit is not finite', async () => {
    const model = createModel();
    writeWeights(
      model,
      readWeights(model).map((array) => ({ ...array, values: array.values.map(() => 3e38) })),
    );
    expect(await calibrate(model, { train })).toBeUndefined();
  });

  test('leaves no tensor behind', async () => {
    const model = createModel();
    const before = tf.memory().numTensors;
    await calibrate(model, { train, validation });
    expect(tf.memory().numTensors).toBe(before);
  });
});
