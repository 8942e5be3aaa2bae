import { beforeAll, describe, expect, test } from 'vitest';
import { measureShifts, relativeChange, type ShiftMeasure } from '../../src/analyze/robustness.ts';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { evaluateModel } from '../../src/evaluate/evaluate.ts';
import { disposeModel } from '../../src/model/model.ts';
import { createSmallSplits } from '../support/digits.ts';
import { createModel } from '../support/model.ts';

test('a change is measured in parts of what was there', () => {
  expect([
    relativeChange(Float32Array.of(3, 4), Float32Array.of(3, 4)),
    relativeChange(Float32Array.of(3, 4), Float32Array.of(0, 0)),
    relativeChange(Float32Array.of(3, 4), Float32Array.of(6, 8)),
    relativeChange(Float32Array.of(0, 0), Float32Array.of(1, 0)),
  ]).toEqual([0, 1, 1, 0]);
});

describe('the measurements of shifted examples', () => {
  const { test: examples } = createSmallSplits(1, 40);

  beforeAll(async () => {
    await loadTensorFlow();
  });

  async function measure(reach: number) {
    const model = createModel('conv3x3');
    const measures: ShiftMeasure[] = [];
    for await (const each of measureShifts(model, examples, reach)) measures.push(each);
    const { correct } = await evaluateModel(model, examples);
    disposeModel(model);
    return { measures, correct };
  }

  test('go through each direction from -reach to reach', async () => {
    const { measures } = await measure(2);
    const [right, down] = [measures.slice(0, 5), measures.slice(5)];
    expect(right.map(({ direction, shift }) => [direction, shift])).toEqual(
      [-2, -1, 0, 1, 2].map((shift) => ['right', shift]),
    );
    expect(down.map(({ direction, shift }) => [direction, shift])).toEqual(
      [-2, -1, 0, 1, 2].map((shift) => ['down', shift]),
    );
  });

  test('are those of evaluation where nothing is shifted', async () => {
    const { measures, correct } = await measure(0);
    expect(measures).toEqual([
      { direction: 'right', shift: 0, correct, count: 40, ink: 1 },
      { direction: 'down', shift: 0, correct, count: 40, ink: 1 },
    ]);
  });

  test('report how much ink has left the images', async () => {
    const { measures } = await measure(10);
    const inks = measures.filter(({ direction }) => direction === 'down').map(({ ink }) => ink);
    expect([inks[10], (inks[20] ?? 1) < 0.95, Math.max(...inks)]).toEqual([1, true, 1]);
  });

  test('leave no tensors behind', async () => {
    const before = tf.memory().numTensors;
    await measure(1);
    expect(tf.memory().numTensors).toBe(before);
  });
});
