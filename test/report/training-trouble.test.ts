import { describe, expect, test } from 'vitest';
import { describeTrouble } from '../../src/report/training-trouble.ts';

interface Scores {
  readonly train: readonly [accuracy: number, loss: number];
  readonly test: readonly [accuracy: number, loss: number];
  readonly steps?: number;
  readonly stepsPerEpoch?: number;
}

/** Ten log points with the same scores. */
function createPoints({ train, test: tested, steps = 1000, stepsPerEpoch = 100 }: Scores) {
  return Array.from({ length: 10 }, (_, index) => {
    const step = ((index + 1) * steps) / 10;
    return {
      step,
      epoch: step / stepsPerEpoch,
      learningRate: 0.001,
      train: { accuracy: train[0], loss: train[1] },
      test: { accuracy: tested[0], loss: tested[1] },
    };
  });
}

const judge = (scores: Scores) => describeTrouble(createPoints(scores), scores.steps ?? 1000);

describe('describeTrouble', () => {
  test('has nothing to say of a network that reads both', () => {
    expect(judge({ train: [0.99, 0.03], test: [0.98, 0.06] })).toBeUndefined();
  });

  test('says what is seen where training fits and test does not', () => {
    expect(judge({ train: [1, 0.01], test: [0.11, 5.2] })).toEqual({
      text: 'the network reads its training images (accuracy 100.0 %, loss 0.0100), but not the test images (test accuracy 11.0 %, loss 5.20): there are too few training images, overall or of some classes, or the two sets differ',
      isAboutData: true,
    });
  });

  test('says so also where the test loss is beyond guessing: it is not the learning rate', () => {
    expect(judge({ train: [1, 0.01], test: [0.11, 20] })?.text).toMatch(
      /^the network reads its training images/,
    );
  });

  test('blames the learning rate where both are worse than guessing', () => {
    expect(judge({ train: [0.1, 1e4], test: [0.1, 2e4] })).toEqual({
      text: 'the network is worse than guessing (test accuracy 10.0 %, loss 2.00e+4; guessing: 2.30): the learning rate 0.001 is probably too high',
      isAboutData: false,
    });
  });

  test('blames too few steps before anything else', () => {
    expect(judge({ train: [0.1, 2.3], test: [0.12, 2.29], steps: 20, stepsPerEpoch: 2 })).toEqual({
      text: 'the network has hardly been trained: 20 steps (test accuracy 12.0 %, loss 2.29); more --epochs may be all that it needs',
      isAboutData: false,
    });
  });

  test('names rate and labels where neither is learned', () => {
    expect(judge({ train: [0.11, 2.3], test: [0.1, 2.31] })).toEqual({
      text: 'the network has learned nothing in 1000 steps (test accuracy 10.0 %, loss 2.31; training images: accuracy 11.0 %, loss 2.30): a different --lr may help, or the labels do not match the images',
      isAboutData: true,
    });
  });

  test('is silent in the first two epochs', () => {
    expect(judge({ train: [0.11, 2.3], test: [0.1, 2.31], stepsPerEpoch: 600 })).toBeUndefined();
  });

  test('does not go by the training score of a single batch', () => {
    const [point] = createPoints({ train: [1, 0.9], test: [0.12, 2.2], steps: 200, stepsPerEpoch: 2 });
    expect(describeTrouble(point === undefined ? [] : [point], 20)?.text).toMatch(/^the network has hardly/);
  });

  test('judges the weights that were kept', () => {
    const [good, bad] = [
      createPoints({ train: [0.99, 0.03], test: [0.98, 0.06] }),
      createPoints({ train: [0.1, 1e4], test: [0.1, 2e4] }),
    ] as const;
    const points = [...good.slice(0, 5), ...bad.slice(5)];
    expect([describeTrouble(points, 500), describeTrouble(points, 1000) === undefined]).toEqual([
      undefined,
      false,
    ]);
  });
});
