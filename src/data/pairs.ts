import { random } from '../core/random.ts';
import { type Examples, imageAt, type Splits } from './split.ts';

const side = 28;

/**
 * Draws as many pairs of digits as there are examples, by `seed`: images [count, 28, 56], the left digit next to the right
 * one, labels the sums, 0 to 18.
 */
export function createPairs(examples: Examples, seed: number): Examples {
  const { count } = examples;
  const numbers = random(seed, 'pairs', count);
  const images = new Uint8Array(count * side * side * 2);
  const labels = new Uint8Array(count);
  for (let pair = 0; pair < count; pair++) {
    const [left, right] = [numbers.integer(count), numbers.integer(count)];
    images.set(joinPair(imageAt(examples, left), imageAt(examples, right)), pair * side * side * 2);
    labels[pair] = (examples.labels[left] ?? 0) + (examples.labels[right] ?? 0);
  }
  return { images, labels, count };
}

/** Pairs of each split's own digits, so that no digit of the test set is ever trained on. */
export function pairSplits({ train, validation, test }: Splits, seed: number): Splits {
  return {
    train: createPairs(train, seed),
    ...(validation && { validation: createPairs(validation, seed) }),
    test: createTestPairs(test),
  };
}

/** The pairs that every network is measured on: the same whatever seed it was trained with. */
export function createTestPairs(test: Examples): Examples {
  return createPairs(test, 0);
}

/** Two digits [28, 28] as one image [28, 56]. */
export function joinPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(side * side * 2);
  for (let row = 0; row < side; row++) {
    pair.set(left.subarray(row * side, (row + 1) * side), row * 2 * side);
    pair.set(right.subarray(row * side, (row + 1) * side), (row * 2 + 1) * side);
  }
  return pair;
}

/** The digits of pairs [count, 28, 56] one after the other, left, right, left, ...: [2 count, 28, 28]. */
export function cutPairs(pairs: Uint8Array): Uint8Array {
  const digits = new Uint8Array(pairs.length);
  const rows = pairs.length / side;
  for (let half = 0; half < rows; half++) {
    const [pair, row, isRight] = [Math.floor(half / (2 * side)), Math.floor(half / 2) % side, half % 2];
    digits.set(pairs.subarray(half * side, (half + 1) * side), ((pair * 2 + isRight) * side + row) * side);
  }
  return digits;
}
