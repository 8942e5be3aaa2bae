import {
  createSmallDatabase,
  writeDatabase,
} from '../../packages/mnist-dataset-loader/test/support/digits.ts';
import { createTempFolder } from './folder.ts';
import { type CliOptions, preload } from './run-cli.ts';

/** A database of 30 and 20 images under MNIST's names. */
export const smallMnist = createSmallDatabase();

/** What surrounds a run that takes this database for MNIST: its sizes and hashes are the pinned ones then. */
export const withSmallMnist: CliOptions & { readonly nodeFlags: readonly string[] } = {
  nodeFlags: preload('small-mnist'),
  env: { SMALL_MNIST: JSON.stringify(smallMnist.sources) },
};

/** A folder that holds the database whole, packed. */
export function createSmallMnistFolder(): string {
  const folder = createTempFolder();
  writeDatabase(smallMnist, folder);
  return folder;
}
