import { beforeAll, describe, expect, test, vi } from 'vitest';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { type DropoutPosition, forward, imagesToTensor, predictLogits } from '../../src/model/forward.ts';
import { buildModel, disposeModel, type Model } from '../../src/model/model.ts';
import { createImages, createModel, tiny } from '../support/model.ts';

beforeAll(async () => {
  await loadTensorFlow();
});

const position: DropoutPosition = { seed: 3, step: 1 };
const forwardOf = (model: Model, count: number, at = position) =>
  tf.tidy(() => [...forward(model, imagesToTensor(model, createImages(count)), at).dataSync()]);

describe('forward', () => {
  test.each(['cnn', 'conv3x3'])('of %s, which has no dropout, equals the prediction', async (name) => {
    const model = createModel(name, 3, 'stock');
    expect(forwardOf(model, 3)).toEqual([...(await predictLogits(model, createImages(3)))]);
    disposeModel(model);
  });

  test('drops about as much as the rate says', () => {
    const model = dropoutOnly(0.25);
    const kept = forwardOf(model, 20).filter((value) => value !== 0);
    // 15,680 draws: five standard deviations are 0.017.
    expect(Math.abs(1 - kept.length / (20 * 784) - 0.25)).toBeLessThan(0.018);
  });

  test('enlarges what it keeps so that the sum is about the same', () => {
    const model = dropoutOnly(0.25);
    const kept = forwardOf(model, 20).filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
  });

  test('drops the same for the same step', () => {
    const model = createModel();
    expect(forwardOf(model, 3)).toEqual(forwardOf(model, 3));
    disposeModel(model);
  });

  test.each<[string, DropoutPosition]>([
    ['step', { seed: 3, step: 2 }],
    ['seed', { seed: 4, step: 1 }],
  ])('drops others for another %s', (_, other) => {
    const model = dropoutOnly(0.5);
    expect(forwardOf(model, 1, other)).not.toEqual(forwardOf(model, 1));
  });

  test('drops nothing at a rate of 0', () => {
    expect(new Set(forwardOf(dropoutOnly(0), 1))).toEqual(new Set([1]));
  });

  test('drops others in another layer', () => {
    const twice = buildModel({
      ...tiny,
      layers: [{ type: 'flatten' }, { type: 'dropout', rate: 0.5 }, { type: 'dropout', rate: 0.5 }],
    });
    const kept = forwardOnes(twice, 20).filter((value) => value !== 0).length / (20 * 784);
    expect(Math.abs(kept - 0.25)).toBeLessThan(0.018);
  });

  test('leaves no tensor behind', () => {
    const model = createModel();
    const before = tf.memory().numTensors;
    for (let round = 0; round < 10; round++) forwardOf(model, 3);
    expect(tf.memory().numTensors).toBe(before);
    disposeModel(model);
  });
});

describe('imagesToTensor', () => {
  test('scales and shifts bytes as the architecture says', () => {
    const model = createModel();
    const images = new Uint8Array(784).fill(255).fill(0, 0, 1);
    const values = tf.tidy(() => [...imagesToTensor(model, images).dataSync()]);
    expect([values[0], values[1]]).toEqual([-0.5, 0.5]);
  });

  test('gives [count, 28, 28, 1]', () => {
    const shape = tf.tidy(() => imagesToTensor(createModel(), createImages(4)).shape);
    expect(shape).toEqual([4, 28, 28, 1]);
  });
});

describe('predictLogits', () => {
  test('gives ten logits an image', async () => {
    expect((await predictLogits(createModel(), createImages(3))).length).toBe(30);
  });

  test('gives nothing for no image', async () => {
    expect((await predictLogits(createModel(), new Uint8Array())).length).toBe(0);
  });

  test('drops nothing', async () => {
    const model = createModel();
    expect(await predictLogits(model, createImages(3))).toEqual(await predictLogits(model, createImages(3)));
  });

  test('gives an image the same logits alone and among 260, over the border of a chunk', async () => {
    const model = createModel('cnn');
    const images = createImages(260);
    const all = await predictLogits(model, images);
    const differences: number[] = [];
    for (const index of [0, 249, 250, 259]) {
      const alone = await predictLogits(model, images.subarray(index * 784, (index + 1) * 784));
      alone.forEach((value, digit) =>
        differences.push(Math.abs(value - (all[index * 10 + digit] ?? Infinity))),
      );
    }
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  test("cuts images for TensorFlow's own ops into the same chunks, however slow the clock finds them", async () => {
    const model = createModel('cnn', 3, 'stock');
    const runs = vi.spyOn(model.network, 'predict');
    const sizes = async () => {
      runs.mockClear();
      await predictLogits(model, createImages(800));
      return runs.mock.calls.map(([images]) => (images as { shape: readonly number[] }).shape[0]);
    };
    const first = await sizes();
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 10_000));
    expect([first, await sizes()]).toEqual([
      [352, 352, 96],
      [352, 352, 96],
    ]);
    clock.mockRestore();
    disposeModel(model);
  });

  test('leaves no tensor behind in 100 predictions', async () => {
    const model = createModel();
    const before = tf.memory().numTensors;
    for (let round = 0; round < 100; round++) await predictLogits(model, createImages(1));
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** A network that only flattens and drops, and what it makes of ones. */
function dropoutOnly(rate: number): Model {
  return buildModel({
    ...tiny,
    pixels: { scale: 0, offset: 1 },
    layers: [{ type: 'flatten' }, { type: 'dropout', rate }],
  });
}

function forwardOnes(model: Model, count: number): readonly number[] {
  return tf.tidy(() => [...forward(model, tf.ones([count, 28, 28, 1]), position).dataSync()]);
}
