import { createHash } from 'node:crypto';
import type { Dataset, DownloadEvent } from '#mnist-dataset-loader';
import { type DataWarning, findOddities, findOrientation } from './oddities.ts';
import { transposeImages } from './orientation.ts';
import type { Examples } from './split.ts';
import { createSyntheticDigits } from './synthetic.ts';

/** Which digits, and how to get them. */
export interface DataOptions {
  /** `mnist`, `synthetic`, a folder of four IDX files, or a Keras archive `*.npz`. */
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
}

/** Listens to a download. */
export interface LoadListener {
  readonly onEvent?: (event: DownloadEvent) => void;
  readonly signal?: AbortSignal;
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
  const train = await loadOwnData({ path: dataset, split: 'train' });
  const test = await loadOwnData({ path: dataset, split: 'test' });
  return inspect(join(train, test), transpose, { isNamedEmnist: train.isNamedEmnist === true });
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
  const { train, test, warnings } = isTransposed ? transposeExamples(given) : given;
  const data = { train, test, isTransposed, isNamedEmnist: own?.isNamedEmnist === true };
  const found = own !== undefined ? findOddities(data) : isTransposed ? findOrientation(data) : [];
  return { train, test, warnings: [...warnings, ...found] };
}

function transposeExamples({ train, test, warnings }: LoadedExamples): LoadedExamples {
  const turn = (examples: LoadedExamples['train']) => ({
    ...examples,
    images: transposeImages(examples.images),
    // Other data than the files', distinguished by another hash.
    sha256: hashOf(examples.sha256, 'transposed'),
  });
  return { train: turn(train), test: turn(test), warnings };
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
