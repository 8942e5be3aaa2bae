import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Examples, Splits } from '../../src/data/split.ts';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';

/** A few synthetic digits to train and test on, always the same. */
export function createSmallSplits(trainCount: number, testCount: number): Splits {
  return {
    train: createSyntheticDigits({ seed: 11, count: trainCount }),
    test: createSyntheticDigits({ seed: 12, count: testCount }),
  };
}

/** Writes such digits as the four IDX files of a folder, for `--dataset`. */
export function writeDigits(folder: string, trainCount: number, testCount: number): void {
  mkdirSync(folder, { recursive: true });
  const { train, test } = createSmallSplits(trainCount, testCount);
  writeIdxPair(folder, 'train', train);
  writeIdxPair(folder, 't10k', test);
}

function writeIdxPair(folder: string, name: string, { images, labels, count }: Examples): void {
  writeFileSync(
    path.join(folder, `${name}-images-idx3-ubyte`),
    Buffer.concat([idxHeader([count, 28, 28]), images]),
  );
  writeFileSync(path.join(folder, `${name}-labels-idx1-ubyte`), Buffer.concat([idxHeader([count]), labels]));
}

/** The magic number and the sizes, big-endian, as LeCun's page on MNIST describes them. */
function idxHeader(sizes: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length);
  sizes.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return header;
}
