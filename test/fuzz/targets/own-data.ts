import zlib from 'node:zlib';
import { parseImages, parseLabels } from '../../../packages/mnist-dataset-loader/src/digits.ts';
import { DatasetError } from '../../../packages/mnist-dataset-loader/src/errors.ts';
import { loadOwn } from '../../../packages/mnist-dataset-loader/src/own-payload.ts';
import { encodeIdx } from '../../support/idx.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';
import { fixTrailer, repack } from './gzip.ts';

const scratch = createScratchFile('t10k-labels-idx1-ubyte.gz');
const images = encodeIdx(
  [2, 28, 28],
  Uint8Array.from({ length: 1568 }, (_, at) => at % 251),
);
const labels = encodeIdx([12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);

/** Data files of one's own, packed or not: what the header declares decides how much room is made. */
export const ownDataTarget: Target = {
  name: 'own-data',
  seeds: () => [
    zlib.gzipSync(images),
    zlib.gzipSync(labels),
    zlib.gzipSync(encodeIdx([2, 28, 28], new Uint8Array(1568), 0x0d)),
    zlib.gzipSync(encodeIdx([1_000_001, 28, 28], [])),
    zlib.gzipSync(encodeIdx([1_000_000, 28, 28], new Uint8Array(50_000))),
    zlib.gzipSync(Buffer.alloc(5)),
    zlib.gzipSync(encodeIdx([2, 784], new Uint8Array(1568))),
    zlib.gzipSync(encodeIdx([2, 8], new Uint8Array(64), 0x0c)),
    images,
    labels,
  ],
  run: (bytes) => {
    scratch.fill(bytes);
    const kinds = [
      { content: 'images', parse: parseImages },
      { content: 'labels', parse: parseLabels },
    ] as const;
    // A file is one of the two: how it is refused as the other is judged.
    let refusal: unknown;
    for (const { content, parse } of kinds) {
      try {
        const payload = loadOwn(scratch.path, content);
        if (parse(payload.bytes, 'some').length > payload.bytes.length) throw new Error('more than there is');
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        refusal = error;
      }
    }
    if (refusal !== undefined) throw refusal;
  },
  errors: ['E_GZIP', 'E_IDX_FORMAT'],
  scripts: ['/src/own-payload.ts', '/src/gunzip.ts', '/src/digits.ts', '/src/idx-header.ts'],
  mutations: [repack],
  repair: fixTrailer,
  maxBytes: 2048,
};
