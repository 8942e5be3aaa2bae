import fs from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadNpz } from '../../packages/mnist-dataset-loader/src/npz.ts';
import { createTempFolder } from '../support/folder.ts';
import { npy, writeZip } from './npz-archive.ts';

const types = fc.constantFrom('|u1', '|i1', '<u2', '<i2', '<u4', '<i4', '<u8', '<i8');
const archive = fc.record({
  labels: fc.uint8Array({ minLength: 1, maxLength: 4, max: 9 }),
  pixel: fc.nat(255),
  type: types,
  version: fc.constantFrom(1, 2, 3),
  methods: fc.tuple(fc.constantFrom(0, 8), fc.constantFrom(0, 8)),
  isReversed: fc.boolean(),
});

test('an archive gives back any digits, in numbers of any width, packed or not', async () => {
  const file = path.join(createTempFolder(), 'any.npz');
  await fc.assert(
    fc.asyncProperty(archive, async ({ labels, pixel, type, version, methods, isReversed }) => {
      const count = labels.length;
      const images = Buffer.alloc(count * 784, pixel);
      const digits = Buffer.alloc(count * Number(type.at(-1)));
      labels.forEach((label, index) => digits.writeUInt8(label, index * Number(type.at(-1))));
      const header = (each: string, shape: string) =>
        `{'descr': '${each}', 'fortran_order': False, 'shape': (${shape}), }`;
      const members = [
        {
          name: 'x_test.npy',
          method: methods[0],
          content: npy(header('|u1', `${count}, 28, 28`), images, version),
        },
        { name: 'y_test.npy', method: methods[1], content: npy(header(type, `${count},`), digits, version) },
      ];
      fs.writeFileSync(file, writeZip(isReversed ? members.toReversed() : members));
      const read = await loadNpz({ file, split: 'test' });
      expect([[...read.labels], Buffer.from(read.images).equals(images)]).toEqual([[...labels], true]);
    }),
    { numRuns: 200, seed: 1 },
  );
});
