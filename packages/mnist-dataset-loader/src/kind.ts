import fs from 'node:fs';
import path from 'node:path';
import { describeContent } from './content.ts';
import { type DataKind, DatasetError } from './errors.ts';
import { findSet } from './find-files.ts';
import { gunzipStart, isGzip } from './gunzip.ts';
import { isFolder, isRegularFile, readStart } from './read-file.ts';
import { escapeText } from './text.ts';
import { hasArrays } from './zip.ts';

/** What a file of data is by its first bytes, and where they do not suffice, by its name. */
export function kindOfFile(file: string): DataKind {
  const start = readStart(file, 4096);
  const name = path.basename(file).toLowerCase();
  if (isGzip(start))
    return /\.(tar\.gz|tgz)$/.test(name) ? 'tar' : kindOfBytes(gunzipStart(start, 512), name);
  return kindOfBytes(start, name);
}

/** Data of a kind that is not read, and where it was found: what was named itself, or inside that folder. */
export interface FoundKind {
  readonly kind: DataKind;
  readonly place: string;
}

/** The error that a file, or a folder without the four files, holds data of a kind that is not read. */
export function kindError(given: string, { kind, place }: FoundKind): DatasetError {
  const { noun, hint } = descriptions[kind];
  const [name, inner] = [path.basename(path.resolve(given)), path.relative(given, place)].map(escapeText);
  const found = inner === '' ? `it is ${noun}` : `it holds ${inner}, ${noun}`;
  const expected = 'a folder of IDX files or a NumPy archive (*.npz)';
  return new DatasetError('E_DATA_KIND', `cannot read ${name} as data: ${found}, expected ${expected}`, {
    path: path.resolve(place),
    kind,
    expected,
    actual: noun,
    ...(hint !== undefined && { hint }),
  });
}

/** What a folder holds instead of the four files; looks at no more than a thousand names in it and in each folder there. */
export function kindOfFolder(folder: string): FoundKind | undefined {
  const nested = findNested(folder);
  if (nested !== undefined) return { kind: 'folder', place: nested };
  if ([folder, path.join(folder, 'train'), path.join(folder, 'training')].some(holdsClasses)) {
    return { kind: 'pictures', place: folder };
  }
  const names = listSome(folder).filter((name) => isRegularFile(path.join(folder, name)));
  for (const [ending, kind] of endings) {
    // The training data, where the name distinguishes them from the test data.
    const found = names.filter((name) => ending.test(name));
    const name = found.find((each) => /train/i.test(each)) ?? found[0];
    if (name !== undefined) return { kind, place: path.join(folder, name) };
  }
  return undefined;
}

/** A folder with a data set, one or two levels deeper: as an unpacked archive has it, or several of torchvision's. */
function findNested(folder: string): string | undefined {
  const foldersIn = (place: string) =>
    listSome(place)
      .map((name) => path.join(place, name))
      .filter(isFolder)
      .slice(0, 100);
  const deeper = foldersIn(folder);
  return [...deeper, ...deeper.flatMap(foldersIn)].find((place) => findSet(place)?.isWhole);
}

function holdsClasses(folder: string): boolean {
  return listSome(folder).some((name) => /^[0-9]$/.test(name) && isFolder(path.join(folder, name)));
}

const endings: readonly (readonly [ending: RegExp, kind: DataKind])[] = [
  [/\.npz$/i, 'npz'],
  [/\.csv(\.gz)?$/i, 'csv'],
  [/\.parquet$/i, 'parquet'],
  [/\.(pkl|pickle)(\.gz)?$/i, 'pickle'],
  [/\.mat$/i, 'matlab'],
  [/\.zip$/i, 'zip'],
  [/\.(tar|tar\.gz|tgz)$/i, 'tar'],
];

const descriptions: Readonly<Record<DataKind, { readonly noun: string; readonly hint?: string }>> = {
  folder: { noun: 'a folder of IDX files', hint: 'Name that folder:' },
  npz: { noun: 'a NumPy archive', hint: 'Name the archive itself:' },
  npy: {
    noun: 'a NumPy array',
    hint: 'The four arrays x_train, y_train, x_test and y_test must be in one archive *.npz. To see what this one is:',
  },
  csv: {
    noun: 'a CSV file',
    hint: 'CSV files cannot be read yet. A line of Python with NumPy converts it to an archive:',
  },
  pictures: {
    noun: 'a folder of pictures',
    hint: 'Pictures must be decoded by another program; createOwnDataset makes a data set of what comes out.',
  },
  pickle: {
    noun: 'a Python pickle',
    hint: 'Opening a pickle runs code: do so only if you trust its author. A line of Python with NumPy converts it to an archive:',
  },
  parquet: {
    noun: 'a Parquet file',
    hint: 'A line of Python with NumPy, pandas, PyArrow and Pillow converts it to an archive:',
  },
  matlab: {
    noun: 'a MATLAB file',
    hint: 'A line of Python with NumPy and SciPy converts it to an archive:',
  },
  hdf5: {
    noun: 'an HDF5 file',
    hint: 'Save its arrays as x_train, y_train, x_test and y_test in an archive *.npz. A line of Python with h5py lists them:',
  },
  zip: { noun: 'a ZIP archive', hint: 'Unpack it, and name what comes out:' },
  tar: { noun: 'a tar archive', hint: 'Unpack it, and name what comes out:' },
  idx: { noun: 'one IDX file', hint: 'Name the folder that holds it and the three others:' },
  picture: { noun: 'a picture', hint: 'To read a single picture, use predict:' },
  other: { noun: 'of an unknown kind' },
};

function kindOfBytes(start: Uint8Array, name: string): DataKind {
  const text = Buffer.from(start.subarray(0, 512)).toString('latin1');
  if (text.startsWith('PK')) return hasArrays(start) || name.endsWith('.npz') ? 'npz' : 'zip';
  if (text.startsWith('PAR1')) return 'parquet';
  if (text.startsWith('MATLAB')) return 'matlab';
  if (text.startsWith('\x89HDF')) return name.endsWith('.mat') ? 'matlab' : 'hdf5';
  if (text.startsWith('\x93NUMPY')) return 'npy';
  const [first = 0, second = 0, third = 0] = start;
  if (first === 0 && second === 0 && third >= 8 && third <= 14) return 'idx';
  // Protocol 2 and later; those before begin with an opcode alone.
  const isPickle = first === 0x80 && second >= 2 && second <= 5;
  if (isPickle || /\.(pkl|pickle)(\.gz)?$/.test(name)) return 'pickle';
  if (text.slice(257, 262) === 'ustar') return 'tar';
  if (describeContent(start)?.endsWith('picture')) return 'picture';
  return /\.csv(\.gz)?$/.test(name) || /^[\w."' -]+,[\w."', -]+/.test(text) ? 'csv' : 'other';
}

function listSome(folder: string): readonly string[] {
  const names: string[] = [];
  try {
    const directory = fs.opendirSync(folder);
    try {
      for (
        let entry = directory.readSync();
        entry !== null && names.length < 1000;
        entry = directory.readSync()
      ) {
        names.push(entry.name);
      }
    } finally {
      directory.closeSync();
    }
  } catch {
    // Missing, or unreadable: the read that was requested says so.
  }
  return names.sort();
}
