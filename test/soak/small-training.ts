import fs from 'node:fs';
import path from 'node:path';
import { writeDigits } from '../support/write-digits.ts';

/** Our fused ops, or TensorFlow's own. */
export type SoakKernels = 'fused' | 'stock';

/**
 * Writes 600 synthetic digits into a folder, and gives the words for a training of less than a second in which all has a state to lose:
 * convolutions, dropout, Adam, validation and a falling rate. Its model folder is `net`.
 */
export function prepareSmallTraining(
  folder: string,
  kernels: SoakKernels,
  more: readonly string[] = [],
): readonly string[] {
  const dataset = path.join(folder, 'digits');
  if (!fs.existsSync(dataset)) writeDigits(dataset, 600, 100);
  const network = ['--arch=convnet', '--validation=100', '--batch-size=20', '--schedule=cosine'];
  const measured = ['--eval-every=10', '--eval-images=50', '--checkpoint-every=7'];
  return [
    'train',
    `--dataset=${dataset}`,
    '--out=net',
    `--kernels=${kernels}`,
    ...network,
    ...measured,
    ...more,
  ];
}
