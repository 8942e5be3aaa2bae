import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadNpz } from '../../../packages/mnist-dataset-loader/src/npz.ts';
import type { Random } from '../../../src/core/random.ts';
import { byteMutations, pick, placeWords } from '../byte-mutations.ts';
import { type Member, npy, readZip, writeZip } from '../npz-archive.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';

const scratch = createScratchFile('some.npz');
const words = [
  "'descr': '|u1'",
  "'<u8'",
  "'<i2'",
  "'|b1'",
  "'>i8'",
  "'<f4'",
  "'>f8'",
  '(1, 784)',
  '(1, 28, 28, 1)',
  '(1, 10)',
  'True',
  '(1, 28, 28)',
  '(2,)',
  '()',
  '(0,)',
  '(1e3,)',
];

/** Archives of NumPy arrays, as Keras' mnist.npz. */
export const npzTarget: Target = {
  name: 'npz',
  seeds: () => [
    writeZip([images(1, 8), labels('|u1', [7])]),
    writeZip([images(2, 8), labels('<u8', [1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0])]),
    writeZip([images(1, 8), labels('<i4', [3, 0, 0, 0])]),
    writeZip([images(1, 8), labels('<u2', [10, 0])]),
    writeZip([images(1, 0), labels('<i2', [9, 0])]),
    writeZip([images(1, 0), labels('<u4', [9, 0, 0, 0])]),
    writeZip([images(1, 0), labels('<i8', [9, 0, 0, 0, 0, 0, 0, 0])]),
    writeZip([
      { name: 'x_train.npy', method: 8, content: npy(imageHeader('999999999999999'), Buffer.alloc(0)) },
    ]),
    writeZip([{ name: 'x_train.npy', method: 8, content: npy(imageHeader('1000001'), Buffer.alloc(0)) }]),
    writeZip([images(1, 8, 2), labels('|i1', [255])]),
    writeZip([labels('|u1', [7])]),
    writeZip([]),
    writeZip([
      { ...images(1, 8), name: 'train_images.npy' },
      { ...labels('>i4', [0, 0, 0, 3]), name: 'Y_train.npy' },
    ]),
    writeZip([images(1, 8, 1, '(1, 784)'), labels('|u1', [0, 0, 0, 1, 0, 0, 0, 0, 0, 0], '(1, 10)')]),
    writeZip([images(1, 8, 1, '(1, 1, 28, 28)'), labels('<f4', [0, 0, 128, 63], '(1, 1)')]),
    writeZip([floatImages(1 / 255), labels('|u1', [7])]),
    writeZip([floatImages(0.3), labels('|u1', [7])]),
    fs.readFileSync(
      fileURLToPath(
        new URL('../../../packages/mnist-dataset-loader/test/fixtures/wide-labels.npz', import.meta.url),
      ),
    ),
  ],
  run: async (bytes) => {
    scratch.fill(bytes);
    const { images: pixels, labels: digits, count } = await loadNpz({ file: scratch.path, split: 'train' });
    if (pixels.length !== count * 784 || digits.length !== count) throw new Error('its counts differ');
    if (digits.some((digit) => digit > 9)) throw new Error('a label above 9');
  },
  errors: ['E_NPZ_FORMAT'],
  scripts: [
    '/src/npz.ts',
    '/src/npz-names.ts',
    '/src/npz-values.ts',
    '/src/npy.ts',
    '/src/npy-types.ts',
    '/src/zip.ts',
  ],
  mutations: [changeMember, changeMember, moveMembers],
  words,
};

function images(count: number, method: number, version = 1, shape = `(${count}, 28, 28)`): Member {
  const content = npy(header('|u1', shape), Buffer.alloc(count * 784, 3), version);
  return { name: 'x_train.npy', method, content };
}

function floatImages(value: number): Member {
  const data = Buffer.from(new Float32Array(784).fill(value).buffer);
  return { name: 'x_train.npy', method: 8, content: npy(header('<f4', '(1, 28, 28)'), data) };
}

function imageHeader(count: string): string {
  return header('|u1', `(${count}, 28, 28)`);
}

function header(type: string, shape: string): string {
  return `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`;
}

function labels(
  type: string,
  data: readonly number[],
  shape = `(${data.length / Number(type.at(-1))},)`,
): Member {
  return { name: 'y_train.npy', method: 0, content: npy(header(type, shape), Buffer.from(data)) };
}

/** Changes what is packed in one member, which gets its checksum and sizes anew. */
function changeMember(bytes: Buffer, numbers: Random, other: Buffer): Buffer | undefined {
  const members = readZip(bytes);
  const member = members[numbers.integer(Math.max(1, members.length))];
  if (member === undefined) return undefined;
  const mutation = pick([placeWords(words), pick(byteMutations, numbers)], numbers);
  // Mostly the header, which ends before byte 80.
  const end = numbers.integer(4) > 0 ? 80 : member.content.length;
  const changed = mutation(member.content.subarray(0, end), numbers, other) ?? member.content;
  const content = Buffer.concat([changed, member.content.subarray(end)]);
  // Packing takes longer than all else.
  const method = numbers.integer(8) === 0 ? 8 : 0;
  return writeZip(members.map((each) => (each === member ? { name: member.name, content, method } : each)));
}

function moveMembers(bytes: Buffer, numbers: Random): Buffer | undefined {
  const members = readZip(bytes);
  const at = numbers.integer(Math.max(1, members.length));
  const member = members[at];
  if (member === undefined) return undefined;
  const name = pick(
    ['x_train.npy', 'y_train.npy', 'train_images.npy', 'Y-train.npy', '\u001b[2J', '../x', ''],
    numbers,
  );
  const all = [
    members.toSpliced(at, 1),
    members.toSpliced(at, 0, ...Array.from({ length: 1 + numbers.integer(7) }, () => member)),
    members.with(at, { ...member, name }),
  ];
  return writeZip(pick(all, numbers));
}
