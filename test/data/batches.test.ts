import { describe, expect, test } from 'vitest';
import { createBatches } from '../../src/data/batches.ts';
import { catchError } from '../support/caught.ts';

const options = { count: 103, batchSize: 10, seed: 4, sampling: 'shuffle' } as const;
const epochOf = (epoch: number, given = createBatches(options)) =>
  Array.from({ length: given.stepsPerEpoch }, (_, index) => [
    ...given.indicesOf((epoch - 1) * given.stepsPerEpoch + index + 1),
  ]);

describe('batches by shuffle', () => {
  test('cover each example once an epoch', () => {
    expect(
      epochOf(1)
        .flat()
        .toSorted((left, right) => left - right),
    ).toEqual([...Array(103).keys()]);
  });

  test('are full but for the last of an epoch', () => {
    expect(epochOf(1).map(({ length }) => length)).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 3]);
  });

  test('come in another order each epoch', () => {
    expect(epochOf(2)).not.toEqual(epochOf(1));
  });

  test('come in another order for another seed', () => {
    expect(epochOf(1, createBatches({ ...options, seed: 5 }))).not.toEqual(epochOf(1));
  });

  test('follow from their step alone, in whatever order they are requested', () => {
    const batches = createBatches(options);
    const forwards = Array.from({ length: 33 }, (_, index) => [...batches.indicesOf(index + 1)]);
    const backwards = Array.from({ length: 33 }, (_, index) => [...batches.indicesOf(33 - index)]);
    expect(backwards.reverse()).toEqual(forwards);
  });

  test('may be the whole set', () => {
    expect(createBatches({ ...options, batchSize: 103 }).stepsPerEpoch).toBe(1);
  });

  test('may be single examples', () => {
    expect(createBatches({ ...options, batchSize: 1 }).stepsPerEpoch).toBe(103);
  });

  test('cannot be larger than the set', () => {
    expect(catchError(() => createBatches({ ...options, batchSize: 104 }))).toMatchObject({
      code: 'E_USAGE',
      message: '--batch-size 104 is more than the 103 training images',
    });
  });
});

describe('batches with replacement', () => {
  const batches = createBatches({ ...options, sampling: 'replacement' });

  test('are all full', () => {
    expect(new Set(epochOf(1, batches).map(({ length }) => length))).toEqual(new Set([10]));
  });

  test('hold examples of the set only', () => {
    const indices = epochOf(1, batches).flat();
    expect(indices.every((index) => index >= 0 && index < 103)).toBe(true);
  });

  test('repeat some examples and leave out others', () => {
    expect(new Set(epochOf(1, batches).flat()).size).toBeLessThan(103);
  });

  test('follow from their step alone', () => {
    expect(createBatches({ ...options, sampling: 'replacement' }).indicesOf(17)).toEqual(
      batches.indicesOf(17),
    );
  });

  test('differ from step to step', () => {
    expect(batches.indicesOf(2)).not.toEqual(batches.indicesOf(1));
  });
});
