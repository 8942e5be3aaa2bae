import { TrainerError } from '../core/errors.ts';
import { random, shuffle } from '../core/random.ts';

/** Images with their labels. Pixels stay bytes until a batch of them becomes a tensor. */
export interface Examples {
  /** Row by row, [count, 28, 28], or [count, 28, 56] for two digits. */
  readonly images: Uint8Array;
  /** 0 to 9, or their sum. */
  readonly labels: Uint8Array;
  readonly count: number;
}

/** How many images to hold back: a number of the training images, or half of the test images. */
export type ValidationSize = number | 'test-half';

/** The splits of one run. Validation is never trained on, test never chosen by. */
export interface Splits {
  readonly train: Examples;
  readonly validation?: Examples;
  readonly test: Examples;
}

/** Bytes of one image: 784, or twice as many for two digits. */
function imageSizeOf({ images, count }: Examples): number {
  return count === 0 ? 0 : images.length / count;
}

/**
 * Holds images back for validation: `size` of the training images, drawn by `seed`, or the first half of the test images.
 *
 * @throws TrainerError `E_USAGE` where nothing would be left to train on.
 */
export function splitExamples(
  loaded: { readonly train: Examples; readonly test: Examples },
  size: ValidationSize,
  seed: number,
): Splits {
  const { train, test } = loaded;
  if (size === 0) return { train, test };
  if (size === 'test-half') {
    const half = Math.floor(test.count / 2);
    if (half === 0) {
      throw new TrainerError('E_USAGE', `--validation test-half of ${test.count} test images leaves nothing`);
    }
    return { train, validation: takeRange(test, 0, half), test: takeRange(test, half, test.count) };
  }
  if (size >= train.count) {
    throw new TrainerError(
      'E_USAGE',
      `--validation ${size} leaves nothing to train on: there are ${train.count} training images`,
    );
  }
  const order = shuffle(
    Uint32Array.from({ length: train.count }, (_, index) => index),
    random(seed, 'split'),
  );
  const held = order.slice(0, size).sort();
  const kept = order.slice(size).sort();
  return { train: takeExamples(train, kept), validation: takeExamples(train, held), test };
}

/** The examples at `indices`, copied, in that order. */
export function takeExamples(examples: Examples, indices: Uint32Array): Examples {
  const imageSizeBytes = imageSizeOf(examples);
  const images = new Uint8Array(indices.length * imageSizeBytes);
  const labels = new Uint8Array(indices.length);
  indices.forEach((from, to) => {
    images.set(imageAt(examples, from), to * imageSizeBytes);
    labels[to] = examples.labels[from] ?? 0;
  });
  return { images, labels, count: indices.length };
}

/** The examples from `start` up to, not including, `end`; they share their bytes with the whole. */
export function takeRange(examples: Examples, start: number, end: number): Examples {
  const imageSizeBytes = imageSizeOf(examples);
  const last = Math.max(start, Math.min(end, examples.count));
  return {
    images: examples.images.subarray(start * imageSizeBytes, last * imageSizeBytes),
    labels: examples.labels.subarray(start, last),
    count: last - start,
  };
}

/** The bytes of one image, shared with the whole. */
export function imageAt(examples: Examples, index: number): Uint8Array {
  const imageSizeBytes = imageSizeOf(examples);
  return examples.images.subarray(index * imageSizeBytes, (index + 1) * imageSizeBytes);
}
