export type Split = 'train' | 'test';

/** One file of a data set: its name, and what its unpacked bytes (the payload) must be. */
export interface SourceFile {
  /** The name without `.gz`. */
  readonly name: string;
  readonly split: Split;
  readonly content: 'images' | 'labels';
  readonly count: number;
  /** Bytes of the unpacked payload. */
  readonly sizeBytes: number;
  /** SHA-256 of the unpacked payload, in hex: the authority, whatever wrapper the bytes came in. */
  readonly sha256: string;
}

/** The four files of LeCun, Cortes and Burges' MNIST database, by their payloads. */
export const mnistFiles: readonly SourceFile[] = [
  {
    name: 'train-images-idx3-ubyte',
    split: 'train',
    content: 'images',
    count: 60_000,
    sizeBytes: 47_040_016,
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  {
    name: 'train-labels-idx1-ubyte',
    split: 'train',
    content: 'labels',
    count: 60_000,
    sizeBytes: 60_008,
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  {
    name: 't10k-images-idx3-ubyte',
    split: 'test',
    content: 'images',
    count: 10_000,
    sizeBytes: 7_840_016,
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  {
    name: 't10k-labels-idx1-ubyte',
    split: 'test',
    content: 'labels',
    count: 10_000,
    sizeBytes: 10_008,
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
];

/** The public mirrors of the four files, in the order in which they are tried. */
export const publicMirrors: readonly string[] = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];
