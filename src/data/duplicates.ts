import { type Examples, imageAt } from './split.ts';

/** Test images that are training images, pixel by pixel. */
export interface Duplicates {
  readonly count: number;
  /** The first of them, and the training image it is. */
  readonly testIndex: number;
  readonly trainIndex: number;
}

/** Finds the test images that are training images, too; `undefined` where there is none. */
export function findDuplicates(train: Examples, test: Examples): Duplicates | undefined {
  const hashTest = hashesOf(test);
  const indices = new Map<number, number[]>();
  for (let index = 0; index < test.count; index++) {
    const hash = hashTest(index);
    const same = indices.get(hash);
    if (same === undefined) indices.set(hash, [index]);
    else same.push(index);
  }
  const found = new Map<number, number>();
  const hashTrain = hashesOf(train);
  for (let trainIndex = 0; trainIndex < train.count; trainIndex++) {
    for (const testIndex of indices.get(hashTrain(trainIndex)) ?? []) {
      if (found.has(testIndex) || !isSame(train, trainIndex, test, testIndex)) continue;
      found.set(testIndex, trainIndex);
    }
  }
  const testIndex = Math.min(...found.keys());
  const trainIndex = found.get(testIndex);
  return trainIndex === undefined ? undefined : { count: found.size, testIndex, trainIndex };
}

/** A hash of every third word of an image: enough to find what is then compared byte by byte. */
function hashesOf({ images }: Examples): (index: number) => number {
  const isAligned = images.byteOffset % 4 === 0;
  const bytes = isAligned ? images : images.slice();
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  return (index) => {
    const start = index * 196;
    let hash = 0;
    for (let at = start; at < start + 196; at += 3) {
      hash = Math.imul(hash ^ (words[at] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  };
}

function isSame(train: Examples, trainIndex: number, test: Examples, testIndex: number): boolean {
  return Buffer.compare(imageAt(train, trainIndex), imageAt(test, testIndex)) === 0;
}
