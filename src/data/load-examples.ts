import { createHash } from 'node:crypto';
import type { Dataset, DownloadEvent } from '#mnist-dataset-loader';
import { type DataWarning, findOddities, findOrientation } from './oddities.ts';
import { transposeImages } from './orientation.ts';
import type { Examples } from './split.ts';
import { createSyntheticDigits } from './synthetic.ts';

/** Which digits, and how to get them. */
export interface DataOptions {
  /** `mnist`, `synthetic`, a folder of four IDX files or of pictures by class, or a Keras archive `*.npz`. */
  readonly dataset: string;
  readonly dataDir: string;
  /** Folders and addresses to fetch MNIST from, in order; empty for the public mirrors. */
  readonly mirror: readonly string[];
  readonly offline: boolean;
  /** Exchange rows and columns of each image. */
  readonly transpose?: boolean;
}

/** Training and test examples, with what distinguishes one data set from another. */
export interface LoadedExamples {
  readonly train: Examples & { readonly sha256: string };
  readonly test: Examples & { readonly sha256: string };
  /** What is odd about the data but no error. */
  readonly warnings: readonly DataWarning[];
  /** What was done with the data, in a sentence each. */
  readonly notes?: readonly string[];
}

/** The pictures of a folder as images, [count, 28, 28], with their labels. */
export interface PictureExamples {
  readonly train: Pick<Examples, 'images' | 'labels'>;
  readonly test: Pick<Examples, 'images' | 'labels'>;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** Listens to a download. */
export interface LoadListener {
  readonly onEvent?: (event: DownloadEvent) => void;
  readonly signal?: AbortSignal;
  /** Reads a folder of pictures by class, as `predict/load-pictures.ts` does; without it, such a folder is refused. */
  readonly loadPictures?: (folder: string) => Promise<PictureExamples>;
}

/** Numbers of synthetic digits: enough to train on, made in seconds. */
export const syntheticCounts = { train: 12_000, test: 2000 } as const;

/**
 * Loads the digits that the options name; MNIST is fetched first where it is not there yet and `offline` is off.
 *
 * @throws DatasetError as the loader says.
 */
export async function loadExamples(
  options: DataOptions,
  listener: LoadListener = {},
): Promise<LoadedExamples> {
  const { dataset, dataDir, transpose = false } = options;
  if (dataset === 'synthetic') return inspect(drawExamples(), transpose);
  const { loadMnist, loadOwnData } = await loadLoader();
  if (dataset === 'mnist') {
    const load = async () =>
      inspect(
        join(await loadMnist({ dataDir, split: 'train' }), await loadMnist({ dataDir, split: 'test' })),
        transpose,
      );
    // Loading checks every byte: only where it fails is there something to fetch.
    return load().catch(async () => {
      await fetchMnist(options, listener);
      return load();
    });
  }
  const load = async () => {
    const train = await loadOwnData({ path: dataset, split: 'train' });
    const test = await loadOwnData({ path: dataset, split: 'test' });
    return inspect(join(train, test), transpose, { isNamedEmnist: train.isNamedEmnist === true });
  };
  return load().catch(async (error: unknown) => {
    const { loadPictures } = listener;
    if (loadPictures === undefined || !isOfPictures(error)) throw error;
    return inspect(await joinPictures(await loadPictures(dataset)), transpose, { isNamedEmnist: false });
  });
}

/** Fetches the MNIST files that are missing or damaged; without any, no network is touched. */
export async function fetchMnist(
  { dataDir, mirror, offline }: Omit<DataOptions, 'dataset'>,
  listener: LoadListener = {},
) {
  const { downloadMnist, publicMirrors } = await loadLoader();
  const mirrors = mirror.length === 0 ? publicMirrors : mirror;
  return downloadMnist({ dataDir, mirrors, offline, ...listener });
}

/** The loader package, on first use: a misspelt flag is answered without it. */
const loadLoader = () => import('#mnist-dataset-loader');

/** Whether the loader has refused a folder because it holds pictures. */
function isOfPictures(error: unknown): boolean {
  return error instanceof Error && 'kind' in error && error.kind === 'pictures';
}

async function joinPictures({ train, test, warnings, notes }: PictureExamples): Promise<LoadedExamples> {
  const { createOwnDataset } = await loadLoader();
  const joined = join(createOwnDataset(train), createOwnDataset(test));
  return { ...joined, warnings: [...warnings.map((message) => ({ message })), ...joined.warnings], notes };
}

function join(train: Dataset, test: Dataset): LoadedExamples {
  const withHash = (set: Dataset) => ({
    images: set.images,
    labels: set.labels,
    count: set.count,
    sha256: hashOf(set.sha256.images, set.sha256.labels),
  });
  const messages = [...new Set([...train.warnings, ...test.warnings])];
  return {
    train: withHash(train),
    test: withHash(test),
    warnings: messages.map((message) => ({ message })),
  };
}

/** Transposes the images where `transpose` says so, and looks for oddities in unknown data. */
function inspect(
  given: LoadedExamples,
  isTransposed: boolean,
  own?: { readonly isNamedEmnist: boolean },
): LoadedExamples {
  const { train, test, warnings, ...rest } = isTransposed ? transposeExamples(given) : given;
  const data = { train, test, isTransposed, isNamedEmnist: own?.isNamedEmnist === true };
  const found = own !== undefined ? findOddities(data) : isTransposed ? findOrientation(data) : [];
  return { train, test, warnings: [...warnings, ...found], ...rest };
}

function transposeExamples({ train, test, ...rest }: LoadedExamples): LoadedExamples {
  const turn = (examples: LoadedExamples['train']) => ({
    ...examples,
    images: transposeImages(examples.images),
    // Other data than the files', distinguished by another hash.
    sha256: hashOf(examples.sha256, 'transposed'),
  });
  return { train: turn(train), test: turn(test), ...rest };
}

function drawExamples(): LoadedExamples {
  const draw = (seed: number, count: number) => {
    const set = createSyntheticDigits({ seed, count });
    return { ...set, sha256: hashOf(set.images, set.labels) };
  };
  return { train: draw(1, syntheticCounts.train), test: draw(2, syntheticCounts.test), warnings: [] };
}

function hashOf(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
