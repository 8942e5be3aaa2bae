import path from 'node:path';
import { type Dataset, loadIdxFolder } from './dataset.ts';
import { kindError, kindOfFile } from './kind.ts';
import { loadNpz } from './npz.ts';
import { hasName, isFolder } from './read-file.ts';
import type { Split } from './sources.ts';

/**
 * Loads one split of the user's own data: a folder of IDX files, or an archive of NumPy arrays whatever its name.
 *
 * @throws DatasetError as `loadIdxFolder` and `loadNpz`; `E_DATA_KIND` naming what else a file or folder holds.
 */
export async function loadOwnData(place: { readonly path: string; readonly split: Split }): Promise<Dataset> {
  const { path: given, split } = place;
  const isArchive = given.toLowerCase().endsWith('.npz');
  if (isFolder(given) || (!hasName(given) && !isArchive)) return loadIdxFolder({ folder: given, split });
  const kind = isArchive ? 'npz' : kindOfFile(path.resolve(given));
  if (kind !== 'npz') throw kindError(given, { kind, place: given });
  return loadNpz({ file: given, split });
}
