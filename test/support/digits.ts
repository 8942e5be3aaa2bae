import { createTempFolder } from './folder.ts';
import { writeDigits } from './write-digits.ts';

export { createSmallSplits } from './write-digits.ts';

/** Writes a few synthetic digits as the four IDX files of a new folder, for `--dataset`. */
export function writeDigitsFolder(trainCount: number, testCount: number): string {
  const folder = createTempFolder();
  writeDigits(folder, trainCount, testCount);
  return folder;
}
