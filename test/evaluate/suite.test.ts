import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { corruptImages, corruptions } from '../../src/evaluate/corruptions.ts';
import { evaluateModel } from '../../src/evaluate/evaluate.ts';
import { measureSuite, type SuiteMeasure } from '../../src/evaluate/suite.ts';
import { createNetworks } from '../../src/model/create-networks.ts';
import { disposeModel, type Model } from '../../src/model/model.ts';
import { createSmallSplits } from '../support/digits.ts';
import { createImages, createModel } from '../support/model.ts';

const { test: examples } = createSmallSplits(1, 40);
let model: Model;

beforeAll(async () => {
  await loadTensorFlow();
  model = createModel('conv3x3');
});

afterAll(() => disposeModel(model));

async function measure(given = examples, most = 40): Promise<readonly SuiteMeasure[]> {
  const measures: SuiteMeasure[] = [];
  for await (const each of measureSuite(createNetworks([{ model }]), given)) {
    if (measures.push(each) === most) break;
  }
  return measures;
}

test('each kind is measured at each of its strengths', async () => {
  const measures = await measure();
  expect(measures.map(({ corruption, strength }) => [corruption.name, strength])).toEqual(
    corruptions.flatMap(({ name, strengths }) => strengths.map((strength) => [name, strength])),
  );
});

test('what is measured is the evaluation of changed images, of more than a chunk of them', async () => {
  const count = 2050;
  const many = { images: createImages(count), labels: new Uint8Array(count).fill(3), count };
  const measured = (await measure(many, 7)).at(-1);
  const rotation = corruptions.find(({ name }) => name === 'rotation');
  const images = rotation && corruptImages(many.images, rotation, { strength: 20 });
  const { correct } = await evaluateModel(model, { ...many, ...(images && { images }) });
  expect(measured).toEqual({ corruption: rotation, strength: 20, correct });
});

test('no tensors are left', async () => {
  const before = tf.memory().numTensors;
  await measure();
  expect(tf.memory().numTensors).toBe(before);
});
