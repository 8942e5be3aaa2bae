import { createHash } from 'node:crypto';
import type { Random } from '../../../src/core/random.ts';
import { encodeTensorFile } from '../../../src/core/tensor-file.ts';
import { loadCheckpointAt } from '../../../src/run/checkpoint.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';
import { changeValue } from '../text-mutations.ts';

const scratch = createScratchFile('step-000001.ckpt');
const values = Float32Array.of(1, -0, 1e-45, 3.4e38);
const kernel = { name: 'weights/dense_1/kernel', shape: [2, 2], values };
const mean = { name: 'optimizer/mean/0', shape: [4], values };
const header = { kind: 'checkpoint', step: 1, elapsedMs: 2.5 };
const headerStart = 48;

/** Checkpoints: tensor files with a table of arrays, and the state of a training in their header. */
export const checkpointTarget: Target = {
  name: 'checkpoint',
  seeds: () => [
    encodeTensorFile({ header, arrays: [kernel, mean] }),
    encodeTensorFile({ header: { ...header, best: { step: 1, loss: 0.1, accuracy: 1 } }, arrays: [kernel] }),
    encodeTensorFile({ header: { kind: 'weights' }, arrays: [] }),
    encodeTensorFile({ header, arrays: [{ ...mean, name: 'stranger' }] }),
    encodeTensorFile({
      header,
      arrays: [{ name: 'weights/a', shape: [], values: Float32Array.of(Number.NaN) }],
    }),
    Buffer.from('PK\x03\x04'.padEnd(60)),
    Buffer.from('{"format":"layers-model"}'.padEnd(60)),
  ],
  run: (bytes) => {
    scratch.fill(bytes);
    const { step, weights, optimizer } = loadCheckpointAt(scratch.folder, 1);
    if (!Number.isSafeInteger(step)) throw new Error(`step ${step}`);
    for (const { name, shape, values: read } of [...weights, ...optimizer]) {
      const count = shape.reduce((total, size) => total * size, 1);
      if (read.length !== count || !read.every(Number.isFinite)) throw new Error(`${name} is not sound`);
    }
    if ('polluted' in {}) throw new Error('every object has a new key');
  },
  errors: ['E_MODEL_FORMAT', 'E_MODEL_VERSION'],
  scripts: ['src/core/tensor-file.ts', 'src/run/checkpoint.ts', 'src/core/format-version.ts'],
  mutations: [changeHeader],
  words: ['"arrays"', '"shape":[', '"__proto__":', '0', '-', 'e9', '"optimizer/', '[[[[', '}'],
  repair: seal,
};

/** Changes a value of the JSON header, whose size then fits again. */
function changeHeader(bytes: Buffer, numbers: Random): Buffer | undefined {
  if (bytes.length < headerStart) return undefined;
  const end = headerStart + bytes.readUInt32LE(12);
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8', headerStart, end));
    const json = Buffer.from(JSON.stringify(changeValue(value, numbers)));
    const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, 0x20);
    json.copy(padded);
    const changed = Buffer.concat([bytes.subarray(0, headerStart), padded, bytes.subarray(end)]);
    changed.writeUInt32LE(padded.length, 12);
    return changed;
  } catch {
    return undefined;
  }
}

/** Makes the hash fit. */
function seal(bytes: Buffer): Buffer | undefined {
  if (bytes.length < headerStart) return undefined;
  const sealed = Buffer.from(bytes);
  const hash = createHash('sha256').update(bytes.subarray(0, 16)).update(bytes.subarray(headerStart));
  hash.digest().copy(sealed, 16);
  return sealed;
}
