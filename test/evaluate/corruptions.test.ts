import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { corruptImages, corruptions } from '../../src/evaluate/corruptions.ts';
import { createSmallSplits } from '../support/digits.ts';

const { images } = createSmallSplits(1, 30).test;
const names = corruptions.map(({ name }) => name);

function find(name: string) {
  const found = corruptions.find((corruption) => corruption.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

/** Bytes in short: comparing the bytes themselves takes half a second. */
function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** How far a changed image is from what it was: the mean difference of its pixels. */
function distance(changed: Uint8Array): number {
  return changed.reduce((sum, value, at) => sum + Math.abs(value - (images[at] ?? 0)), 0) / changed.length;
}

test('there are eight kinds of change', () => {
  expect(names).toEqual([
    'shift',
    'rotation',
    'scale',
    'blur',
    'noise',
    'stroke width',
    'occlusion',
    'inversion',
  ]);
});

describe.each(names)('%s', (name) => {
  const corruption = find(name);
  const corruptAt = (strength: number) => corruptImages(images, corruption, { strength });

  test('has five evenly spaced strengths', () => {
    const [first = 0] = corruption.strengths;
    const steps = [1, 2, 3, 4, 5].map((step) => Number((first * step).toFixed(6)));
    expect(corruption.strengths).toEqual(steps);
  });

  test('changes images more and more', () => {
    const distances = corruption.strengths.map((strength) => distance(corruptAt(strength)));
    expect([distances[0] === 0, distances]).toEqual([false, distances.toSorted((one, other) => one - other)]);
  });

  test('gives the same bytes again, and leaves the images as they are', () => {
    const copy = Uint8Array.from(images);
    const [once, again] = [corruptAt(corruption.strengths[2] ?? 0), corruptAt(corruption.strengths[2] ?? 0)];
    expect([hash(again), hash(images)]).toEqual([hash(once), hash(copy)]);
  });

  test('gives the same bytes for a part of the images, told where it begins', () => {
    const [, strength = 0] = corruption.strengths;
    const part = corruptImages(images.subarray(10 * 784), corruption, { strength, first: 10 });
    expect(hash(part)).toBe(hash(corruptAt(strength).subarray(10 * 784)));
  });
});

test('chance differs from image to image', () => {
  const image = images.subarray(0, 784);
  const same = Uint8Array.from({ length: 4 * 784 }, (_, at) => image[at % 784] ?? 0);
  const noisy = corruptImages(same, find('noise'), { strength: 50 });
  const parts = [0, 1, 2, 3].map((index) => noisy.subarray(index * 784, (index + 1) * 784).join());
  expect(new Set(parts).size).toBe(4);
});

test('an image goes the same way at all strengths', () => {
  const [weak, strong] = [1, 2].map((strength) => corruptImages(images, find('shift'), { strength }));
  const twice = corruptImages(weak ?? images, find('shift'), { strength: 1 });
  expect(hash(twice)).toBe(hash(strong ?? images));
});
