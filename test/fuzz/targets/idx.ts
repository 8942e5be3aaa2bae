import { parseImages, parseLabels } from '../../../packages/mnist-dataset-loader/src/digits.ts';
import { DatasetError } from '../../../packages/mnist-dataset-loader/src/errors.ts';
import { formatIdxHeader, parseIdx } from '../../../packages/mnist-dataset-loader/src/idx.ts';
import { encodeIdx } from '../../support/idx.ts';
import type { Target } from '../target.ts';

/** Unpacked IDX files: of any shape and type, of digits, of labels. */
export const idxTarget: Target = {
  name: 'idx',
  seeds: () => [
    encodeIdx([2, 28, 28], new Uint8Array(1568)),
    encodeIdx([3], [0, 5, 9]),
    encodeIdx([1, 784], new Uint8Array(784)),
    encodeIdx([1, 1, 28, 28], new Uint8Array(784)),
    encodeIdx([2, 1], [0, 9]),
    encodeIdx([1, 8], [0, 0, 0, 7, ...new Uint8Array(28)], 0x0c),
    encodeIdx([1], [0, 0, 0, 10], 0x0c),
    encodeIdx([2, 2], [1, 2, 3, 4], 0x09),
    encodeIdx([2], [0, 1, 2, 3], 0x0b),
    encodeIdx([1], [0, 1, 2, 3], 0x0c),
    encodeIdx([1], [0x3f, 0x80, 0, 0], 0x0d),
    encodeIdx([1], [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], 0x0e),
    Buffer.from('\x1f\x8b\x08', 'latin1'),
    Buffer.from('<!doctype html>'),
  ],
  run: (bytes) => {
    // Three readers of the same bytes: that one refuses them keeps the others from nothing.
    const refusals = [read, parseImages, parseLabels].map((parse) => refusalOf(() => parse(bytes, 'some')));
    const refusal = refusals.find((each) => each !== undefined);
    if (refusal !== undefined) throw refusal;
  },
  errors: ['E_IDX_FORMAT'],
  scripts: ['/src/idx.ts', '/src/idx-header.ts', '/src/digits.ts', '/src/content.ts'],
  repair: fitLength,
};

/** What is read of unsigned bytes is what was written. */
function read(bytes: Buffer): void {
  const { type, shape, data } = parseIdx(bytes, { name: 'some' });
  if (type !== 'uint8') return;
  const again = Buffer.concat([formatIdxHeader(shape), data]);
  if (!again.equals(bytes)) throw new Error('written again, it is another file');
}

function refusalOf(action: () => unknown): DatasetError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof DatasetError) return error;
    throw error;
  }
}

/** Cuts or fills the data to what the header declares, where that is little. */
function fitLength(bytes: Buffer): Buffer | undefined {
  const rank = bytes[3] ?? 0;
  if (bytes.length < 4 + 4 * rank || rank === 0) return undefined;
  const sizes: Readonly<Record<number, number>> = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 };
  let sizeBytes = sizes[bytes[2] ?? 0] ?? 1;
  for (let axis = 0; axis < rank; axis++) sizeBytes *= bytes.readUInt32BE(4 + 4 * axis);
  if (sizeBytes > 4096) return undefined;
  return Buffer.concat([bytes, Buffer.alloc(4096)]).subarray(0, 4 + 4 * rank + sizeBytes);
}
