import fs from 'node:fs';
import path from 'node:path';
import { DatasetError } from './errors.ts';
import { hasName, isFolder, isRegularFile } from './read-file.ts';
import { mnistFiles } from './sources.ts';
import { escapeText } from './text.ts';

/** How a data set names its four files; EMNIST's and QMNIST's names are known besides MNIST's own. */
export type Naming = 'mnist' | 'emnist-digits' | 'emnist-mnist' | 'qmnist';

const namings: Readonly<Record<Naming, (name: string) => string>> = {
  mnist: (name) => name,
  'emnist-digits': (name) => `emnist-digits-${name.replace('t10k', 'test')}`,
  'emnist-mnist': (name) => `emnist-mnist-${name.replace('t10k', 'test')}`,
  qmnist: (name) => `qmnist-${name.replace('t10k', 'test').replace('idx1-ubyte', 'idx2-int')}`,
};

/** A folder with a data set in it, and how the files in it are named. */
export interface FoundSet {
  readonly place: string;
  readonly naming: Naming;
  /** All four files are there. */
  readonly isWhole: boolean;
}

/**
 * The files of this name that a folder, or `raw/` or `MNIST/raw/` in it, holds, packed or plain: regular files first,
 * then those in a folder of that name, then what is neither and only an error would mention.
 */
export function findFiles(folder: string, name: string): readonly string[] {
  return inUsefulOrder(placesIn(folder), name);
}

/** Where in a folder a data set lies: the first place and naming with all four files, else with any of them. */
export function findSet(folder: string): FoundSet | undefined {
  const sets = placesIn(folder).flatMap((place) =>
    (Object.keys(namings) as Naming[]).map((naming) => ({ place, naming })),
  );
  const counted = sets.map((set) => ({
    set,
    count: mnistFiles.filter(({ name }) => findInSet(set, name).length > 0).length,
  }));
  const isWhole = ({ count }: { readonly count: number }) => count === mnistFiles.length;
  const found = counted.find(isWhole) ?? counted.find(({ count }) => count > 0);
  return found && { ...found.set, isWhole: isWhole(found) };
}

/** The files of a data set that stand for the one that MNIST names `name`, in the order of `findFiles`. */
export function findInSet({ place, naming }: Omit<FoundSet, 'isWhole'>, name: string): readonly string[] {
  return inUsefulOrder([place], namings[naming](name));
}

/** The error that no file of this name is in a folder. */
export function missingError(folder: string, name: string, naming: Naming = 'mnist'): DatasetError {
  const wanted = namings[naming](name);
  const where = fs.existsSync(folder)
    ? `it is not in ${escapeText(folder)}`
    : `there is no folder ${escapeText(folder)}`;
  return new DatasetError('E_NO_INPUT', `cannot find ${wanted}.gz or ${wanted}: ${where}`, {
    path: path.resolve(folder),
    hint: 'Fetch the data, or name the folder that holds it.',
  });
}

/** The folder itself, and where torchvision puts the files. */
function placesIn(folder: string): readonly string[] {
  return [folder, path.join(folder, 'raw'), path.join(folder, 'MNIST', 'raw')];
}

function inUsefulOrder(places: readonly string[], name: string): readonly string[] {
  const named = places.flatMap((place) => spellings(place, name)).filter(hasName);
  const regular = named.filter(isRegularFile);
  const folders = named.filter(isFolder);
  // As one archive of MNIST unpacks: train-images-idx3-ubyte/train-images-idx3-ubyte.
  const inside = folders.flatMap((each) => spellings(each, name)).filter(isRegularFile);
  return [...regular, ...inside, ...named.filter((file) => !regular.includes(file))];
}

function spellings(folder: string, name: string): readonly string[] {
  // Some copies of the database write a dot: train-images.idx3-ubyte.
  const dotted = name.replace('-idx', '.idx');
  return [`${name}.gz`, name, `${dotted}.gz`, dotted].map((each) => path.join(folder, each));
}
