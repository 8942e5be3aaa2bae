import { describe, expect, test } from 'vitest';
import { imageAt, splitExamples, takeExamples, takeRange } from '../../src/data/split.ts';
import { catchError } from '../support/caught.ts';

/** Every byte of image n is n, its label n % 10. */
const numbered = (count: number) => ({
  images: Uint8Array.from({ length: count * 784 }, (_, index) => Math.floor(index / 784)),
  labels: Uint8Array.from({ length: count }, (_, index) => index % 10),
  count,
});
const loaded = { train: numbered(100), test: numbered(21) };
const numbersOf = (examples: { readonly images: Uint8Array; readonly count: number }) =>
  Array.from({ length: examples.count }, (_, index) => examples.images[index * 784] ?? -1);

describe('splitExamples', () => {
  test('without validation gives what was loaded', () => {
    expect(splitExamples(loaded, 0, 1)).toEqual(loaded);
  });

  test('holds back as many images as asked', () => {
    const { train, validation } = splitExamples(loaded, 30, 1);
    expect([train.count, validation?.count]).toEqual([70, 30]);
  });

  test('puts each training image into one split', () => {
    const { train, validation } = splitExamples(loaded, 30, 1);
    const all = [...numbersOf(train), ...numbersOf(validation ?? numbered(0))];
    expect(all.toSorted((left, right) => left - right)).toEqual(numbersOf(loaded.train));
  });

  test('keeps images and labels together', () => {
    const { validation } = splitExamples(loaded, 30, 1);
    expect([...(validation?.labels ?? [])]).toEqual(
      numbersOf(validation ?? numbered(0)).map((number) => number % 10),
    );
  });

  test('draws the same images for the same seed', () => {
    expect(splitExamples(loaded, 30, 1)).toEqual(splitExamples(loaded, 30, 1));
  });

  test('draws other images for another seed', () => {
    expect(splitExamples(loaded, 30, 2)).not.toEqual(splitExamples(loaded, 30, 1));
  });

  test('leaves the test images whole', () => {
    expect(splitExamples(loaded, 30, 1).test).toBe(loaded.test);
  });

  test('may leave one image to train on', () => {
    expect(splitExamples(loaded, 99, 1).train.count).toBe(1);
  });

  test.each([100, 101])('holding back %i of 100 leaves nothing to train on', (size) => {
    expect(catchError(() => splitExamples(loaded, size, 1))).toMatchObject({
      code: 'E_USAGE',
      message: `--validation ${size} leaves nothing to train on: there are 100 training images`,
    });
  });

  test('of test-half takes the first half of the test images, the smaller one', () => {
    const { train, validation, test: rest } = splitExamples(loaded, 'test-half', 1);
    expect([train, numbersOf(validation ?? numbered(0)), numbersOf(rest)]).toEqual([
      loaded.train,
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
    ]);
  });

  test('of test-half needs two test images', () => {
    const few = { train: numbered(3), test: numbered(1) };
    expect(catchError(() => splitExamples(few, 'test-half', 1))).toMatchObject({
      code: 'E_USAGE',
      message: '--validation test-half of 1 test images leaves nothing',
    });
  });
});

describe('takeExamples', () => {
  test('copies the examples in the order requested', () => {
    const taken = takeExamples(loaded.train, Uint32Array.of(7, 3, 7));
    expect([numbersOf(taken), [...taken.labels]]).toEqual([
      [7, 3, 7],
      [7, 3, 7],
    ]);
  });

  test('does not share bytes with the whole', () => {
    const taken = takeExamples(loaded.train, Uint32Array.of(1));
    taken.images.fill(9);
    expect(imageAt(loaded.train, 1)[0]).toBe(1);
  });
});

describe('takeRange', () => {
  test.each([
    [0, 3, [0, 1, 2]],
    [18, 30, [18, 19, 20]],
    [5, 5, []],
    [21, 30, []],
    [25, 30, []],
  ])('from %i to %i gives %j', (start, end, numbers) => {
    const range = takeRange(loaded.test, start, end);
    expect([numbersOf(range), range.labels.length, range.images.length]).toEqual([
      numbers,
      numbers.length,
      numbers.length * 784,
    ]);
  });
});

test('an image is 784 bytes of the whole', () => {
  expect(imageAt(loaded.train, 42)).toEqual(new Uint8Array(784).fill(42));
});
