import { choice } from '../config/options.ts';
import { TrainerError } from '../core/errors.ts';
import { type Examples, imageAt } from '../data/split.ts';

export type SplitName = 'train' | 'test';

/** The splits as sentences name them. */
export const splitNames: Readonly<Record<SplitName, string>> = { train: 'training', test: 'test' };

/** `--split` with this default. */
export function splitOption(split: SplitName) {
  return choice({ default: split, choices: ['train', 'test'], description: 'the split to take it from' });
}

/** One example by its index: its label and its bytes, [28, 28]. @throws TrainerError `E_USAGE` beyond the last. */
export function takeExample(examples: Examples, split: SplitName, index: number) {
  if (index < examples.count) return { label: examples.labels[index] ?? 0, pixels: imageAt(examples, index) };
  throw new TrainerError(
    'E_USAGE',
    `--index is ${index}, but the ${splitNames[split]} images are numbered from 0 to ${examples.count - 1}`,
  );
}
