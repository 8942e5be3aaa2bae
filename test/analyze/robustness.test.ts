import { beforeAll, describe, expect, test } from 'vitest';
import {
  measureShifts,
  relativeChange,
  type Shift,
  type ShiftMeasure,
  shiftImages,
} from '../../src/analyze/robustness.ts';
import { loadTensorFlow, tf } from '../../src/backend/tf.ts';
import { evaluateModel } from '../../src/evaluate/evaluate.ts';
import { disposeModel } from '../../src/model/model.ts';
import { createSmallSplits } from '../support/digits.ts';
import { createImages, createModel } from '../support/model.ts';

const images = createImages(2);

/** The same pixel by pixel, as the words say it. */
function shiftPlainly({ right, down }: Shift): readonly number[] {
  const at = (image: number, row: number, column: number) =>
    row < 0 || row > 27 || column < 0 || column > 27 ? 0 : images[(image * 28 + row) * 28 + column];
  return Array.from({ length: images.length }, (_, index) => {
    const [image, row, column] = [Math.floor(index / 784), Math.floor(index / 28) % 28, index % 28];
    return at(image, row - down, column - right) ?? 0;
  });
}

test.each([
  [0, 0],
  [3, 0],
  [-3, 0],
  [0, 5],
  [0, -5],
  [-2, 4],
  [27, -27],
  [28, 0],
])('images shifted %i right and %i down hold each pixel there, and paper where none comes', (right, down) => {
  expect([...shiftImages(images, { right, down })]).toEqual(shiftPlainly({ right, down }));
});

test('a shift does not touch the images themselves', () => {
  const copy = Uint8Array.from(images);
  shiftImages(images, { right: 3, down: 3 });
  expect(images).toEqual(copy);
});

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
