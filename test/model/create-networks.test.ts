import { beforeAll, describe, expect, test } from 'vitest';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { createNetworks } from '../../src/model/create-networks.ts';
import type { Network } from '../../src/model/ensemble.ts';
import { predictLogits } from '../../src/model/forward.ts';
import type { Model } from '../../src/model/model.ts';
import { shiftImages } from '../../src/model/shift-images.ts';
import { createImages, createMetadata, createModel } from '../support/model.ts';

const images = createImages(3);
let model: Model;
let other: Model;

beforeAll(async () => {
  await loadTensorFlow();
  model = createModel('conv3x3', 1);
  other = createModel('cnn', 2);
});

async function classifyAll(networks: readonly Network[]): Promise<readonly Float32Array[]> {
  const answers = [];
  for (const { classify } of networks) answers.push(await classify(images));
  return answers;
}

describe('createNetworks', () => {
  test('makes a network of each model, which gives its logits bit for bit', async () => {
    const answers = await classifyAll(createNetworks([{ model }, { model: other }]));
    expect(answers).toEqual([await predictLogits(model, images), await predictLogits(other, images)]);
  });

  test('with test shifts adds four that see the images a pixel to the left, right, up and down', async () => {
    const answers = await classifyAll(createNetworks([{ model }], true));
    const shifts = [
      [0, 0],
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ] as const;
    const expected = [];
    for (const [right, down] of shifts) {
      expected.push(await predictLogits(model, shiftImages(images, { right, down })));
    }
    expect(answers).toEqual(expected);
  });

  test('gives all of them the temperature of their model, and a floor only to those that see the images as they are', () => {
    const calibration = {
      from: 'validation' as const,
      images: 10,
      temperature: 1.5,
      familiarity: [{ percent: 0.4, value: 7 }],
    };
    const metadata = { ...createMetadata(model), weightsSha256: '', calibration };
    const trusts = createNetworks([{ model, metadata }], true).map(({ trust }) => trust);
    expect(trusts).toEqual([
      { temperature: 1.5, floor: 7 },
      ...Array.from({ length: 4 }, () => ({ temperature: 1.5, floor: undefined })),
    ]);
  });
});
