import { describe, expect, test } from 'vitest';
import type { CurvePoint } from '../../src/report/curve-series.ts';
import { formatVerdict, judgeCurves, type Verdict } from '../../src/report/verdict.ts';

type Curve = (epoch: number) => number;

/** Ten epochs of 1,000 steps, a log point each 100: the held-out and the training loss of each epoch. */
function createPoints(
  heldOut: Curve,
  train: Curve,
  split: 'validation' | 'test' = 'validation',
): CurvePoint[] {
  return Array.from({ length: 101 }, (_, index) => {
    const epoch = index / 10;
    const loss = heldOut(epoch);
    const scores = { loss, accuracy: 1 - loss / 10 };
    return {
      step: 100 * index,
      epoch,
      trainLoss: index === 0 ? undefined : train(epoch),
      trainAccuracy: index === 0 ? undefined : 1 - train(epoch) / 10,
      validationLoss: split === 'validation' ? scores.loss : undefined,
      validationAccuracy: split === 'validation' ? scores.accuracy : undefined,
      testLoss: scores.loss,
      testAccuracy: scores.accuracy,
    };
  });
}

const falling: Curve = (epoch) => 2 / (1 + 4 * epoch);
/** Falls to 0.1 in epoch 4, then rises by 0.02 an epoch. */
const fallenAndRisen: Curve = (epoch) =>
  epoch < 4 ? 0.1 + 0.3 * (4 - epoch) ** 2 : 0.1 + 0.02 * (epoch - 4);
const level: Curve = (epoch) => 0.1 + Math.exp(-3 * epoch);

function summarize(verdict: Verdict): readonly unknown[] {
  if (verdict.type === 'too-few-points') return [verdict.type, verdict.points];
  return [verdict.type, verdict.best.step, verdict.split];
}

describe('judgeCurves', () => {
  test('finds overfitting, and the step after which it began', () => {
    const [type, step, split] = summarize(judgeCurves(createPoints(fallenAndRisen, falling)));
    expect([type, split]).toEqual(['overfitting', 'validation']);
    expect(Math.abs(Number(step) - 4000)).toBeLessThanOrEqual(500);
  });

  test('finds it among log points that jump up and down, too', () => {
    const jumpy = createPoints(
      (epoch) => fallenAndRisen(epoch) * (1 + 0.2 * Math.sin(77 * epoch)),
      (epoch) => falling(epoch) * (1 + 0.9 * Math.sin(55 * epoch)),
    );
    expect(summarize(judgeCurves(jumpy))[0]).toBe('overfitting');
  });

  test('finds none where the loss is still falling', () => {
    expect(summarize(judgeCurves(createPoints(falling, falling)))).toEqual([
      'improving',
      10_000,
      'validation',
    ]);
  });

  test('finds the end where the loss has long been level', () => {
    expect(summarize(judgeCurves(createPoints(level, level)))[0]).toBe('converged');
  });

  test('reports since when it was level', () => {
    const verdict = judgeCurves(createPoints(level, level));
    expect(verdict).toMatchObject({ settled: { step: 1700 } });
  });

  test('takes a rise by less than a tenth for chance', () => {
    const risen: Curve = (epoch) => level(epoch) + 0.0009 * epoch;
    expect(summarize(judgeCurves(createPoints(risen, falling)))[0]).toBe('converged');
  });

  test('is not a verdict of overfitting where the training got worse, too', () => {
    expect(summarize(judgeCurves(createPoints(fallenAndRisen, fallenAndRisen)))[0]).toBe('unstable');
  });

  test('recognizes a network that only guesses', () => {
    const guessing: Curve = () => Math.log(10);
    expect(summarize(judgeCurves(createPoints(guessing, guessing)))[0]).toBe('not-learning');
  });

  test('distinguishes a network that memorizes its training images from one that learns nothing', () => {
    const guessing: Curve = () => Math.log(10);
    expect(summarize(judgeCurves(createPoints(guessing, falling)))[0]).toBe('memorizing');
  });

  test('judges by the test images where none were held out', () => {
    expect(summarize(judgeCurves(createPoints(falling, falling, 'test')))[2]).toBe('test');
  });

  test('judges nothing by fewer than eight log points, the untrained network not counted', () => {
    const points = createPoints(falling, falling).slice(0, 8);
    expect(summarize(judgeCurves(points))).toEqual(['too-few-points', 7]);
    expect(summarize(judgeCurves(createPoints(falling, falling).slice(0, 9)))[0]).not.toBe('too-few-points');
  });

  test('judges nothing without a log point', () => {
    expect(summarize(judgeCurves([]))).toEqual(['too-few-points', 0]);
  });

  test('is the same in whatever order the points come', () => {
    const points = createPoints(fallenAndRisen, falling);
    expect(judgeCurves(points.toReversed())).toEqual(judgeCurves(points));
  });
});

describe('formatVerdict', () => {
  const moment = { step: 4000, epoch: 4, loss: 0.1, error: 1.25, trainLoss: 0.05 };
  const moments = {
    split: 'validation',
    best: moment,
    end: { step: 10_000, epoch: 10, loss: 0.118, error: 1.5, trainLoss: 0.0123 },
    settled: { ...moment, step: 3100, epoch: 3.1 },
    lateGain: 0.074,
    reach: 5,
  } as const;

  test.each([
    [
      { type: 'overfitting', ...moments },
      'overfitting. The validation loss was lowest at step 4,000 (epoch 4.0): 0.100, error 1.25 %. Since then it rose by 18 % to 0.118, error 1.50 %, while the training loss went from 0.0500 to 0.0123: the network is memorizing its training images. Training should have stopped there; --patience does that.',
    ],
    [
      { type: 'unstable', ...moments },
      'unstable. The validation loss was lowest at step 4,000 (epoch 4.0): 0.100, error 1.25 %. Since then it rose by 18 % to 0.118, error 1.50 %, while the training loss went from 0.0500 to 0.0123: this is not overfitting. Try a smaller --lr.',
    ],
    [
      { type: 'improving', ...moments },
      'no overfitting, and not converged yet. The validation loss was still falling: by 7 % from the third quarter of the steps to the last, to 0.118, error 1.50 % (training loss 0.0123). More --epochs would have helped.',
    ],
    [
      { type: 'converged', ...moments, split: 'test' },
      'no overfitting, and converged. The test loss has been within 10 % of its lowest since step 3,100 (epoch 3.1), and ended at 0.118, error 1.50 % (training loss 0.0123). Training could have stopped there. No images were held out for validation, so do not choose anything by this.',
    ],
    [
      { type: 'not-learning', ...moments },
      'not learning. The validation loss never fell far below 2.30, that of guessing: at best 0.100, error 1.25 %. Try a different --lr, or check that the labels match the images.',
    ],
    [
      { type: 'too-few-points', points: 3 },
      'too few log points to judge: 3, at least 8 are needed (--eval-every sets how many there are)',
    ],
  ] as const)('of %j gives the numbers that it rests on', (verdict, text) => {
    expect(formatVerdict(verdict)).toBe(text);
  });

  test('leaves out a training loss that was not logged', () => {
    const without = {
      ...moments,
      best: { ...moment, trainLoss: undefined },
      end: { ...moments.end, trainLoss: undefined },
    };
    expect(formatVerdict({ type: 'overfitting', ...without })).toContain(
      'to 0.118, error 1.50 %: the network is memorizing',
    );
  });
});
