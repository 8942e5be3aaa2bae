import zlib from 'node:zlib';
import { loadOwnData } from '../../../packages/mnist-dataset-loader/src/own-data.ts';
import { encodeIdx } from '../../support/idx.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';
import { fixTrailer, repack } from './gzip.ts';

const scratch = createScratchFile('data');

/** A file given as a data set, whatever it is: it is named, or read where it is an archive of arrays. */
export const dataKindTarget: Target = {
  name: 'data-kind',
  seeds: () => [
    Buffer.from('label,pixel0\n5,0\n'),
    Buffer.from('PAR1'),
    Buffer.from('MATLAB 5.0'),
    Buffer.from('\x89HDF\r\n', 'latin1'),
    Buffer.from('\x93NUMPY\x01', 'latin1'),
    Buffer.from('\x80\x04\x95', 'latin1'),
    Buffer.concat([
      Buffer.from('PK\x03\x04'),
      Buffer.alloc(22),
      Buffer.of(9, 0, 0, 0),
      Buffer.from('x_tra.npy'),
    ]),
    Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar'), Buffer.alloc(250)]),
    zlib.gzipSync(Buffer.from('5,0,0\n')),
    encodeIdx([1], [3]),
    Buffer.alloc(0),
  ],
  run: async (bytes) => {
    scratch.fill(bytes);
    await loadOwnData({ path: scratch.path, split: 'train' });
  },
  errors: ['E_DATA_KIND', 'E_NPZ_FORMAT'],
  scripts: ['/src/kind.ts', '/src/own-data.ts', '/src/content.ts'],
  mutations: [repack],
  repair: fixTrailer,
  maxBytes: 2048,
};
