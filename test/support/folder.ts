import fs from 'node:fs';
import { createTempFolder } from '../../packages/mnist-dataset-loader/test/support/folder.ts';

export {
  createTempFolder,
  readTree,
  removeTempFolders,
} from '../../packages/mnist-dataset-loader/test/support/folder.ts';

/** A temp folder in memory where the system has that: thousands of calls that wait for a disk take minutes. */
export function createMemoryFolder(): string {
  const memory = '/dev/shm';
  return createTempFolder(fs.existsSync(memory) ? memory : undefined);
}
