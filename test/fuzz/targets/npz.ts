import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { loadNpz } from '../../../packages/mnist-dataset-loader/src/npz.ts';
import type { Random } from '../../../src/core/random.ts';
import { byteMutations, pick, placeWords } from '../byte-mutations.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';

const scratch = createScratchFile('some.npz');
const words = [
  "'descr': '|u1'",
  "'<u8'",
  "'<i2'",
  "'|b1'",
  'True',
  '(1, 28, 28)',
  '(2,)',
  '()',
  '(0,)',
  '(1e3,)',
];

/** The smallest tables: making the usual ones takes longer than reading what they pack. */
const quick = { level: 1, windowBits: 9, memLevel: 1 };

/** Archives of NumPy arrays, as Keras' mnist.npz. */
export const npzTarget: Target = {
  name: 'npz',
  seeds: () => [
    writeZip([images(1, 8), labels('|u1', [7])]),
    writeZip([images(2, 8), labels('<u8', [1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0])]),
    writeZip([images(1, 8), labels('<i4', [3, 0, 0, 0])]),
    writeZip([images(1, 8), labels('<u2', [10, 0])]),
    writeZip([images(1, 8, 2), labels('|i1', [255])]),
    writeZip([labels('|u1', [7])]),
    writeZip([]),
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
  scripts: ['/src/npz.ts', '/src/npy.ts', '/src/zip.ts'],
  mutations: [changeMember, changeMember, moveMembers],
  words,
};

interface Member {
  readonly name: string;
  readonly content: Buffer;
  readonly method: number;
  /** As it lies there; packed anew where it is left out. */
  readonly packed?: Buffer;
}

function images(count: number, method: number, version = 1): Member {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${count}, 28, 28), }`;
  return { name: 'x_train.npy', method, content: npy(header, Buffer.alloc(count * 784, 3), version) };
}

function labels(type: string, data: readonly number[]): Member {
  const count = type === '|u1' || type === '|i1' ? data.length : data.length / Number(type.at(-1));
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${count},), }`;
  return { name: 'y_train.npy', method: 0, content: npy(header, Buffer.from(data)) };
}

function npy(header: string, data: Buffer, version = 1): Buffer {
  const text = Buffer.from(`${header.padEnd(64)}\n`);
  const start = Buffer.alloc(version === 1 ? 10 : 12);
  start.write('\x93NUMPY', 'latin1');
  start[6] = version;
  start.writeUInt16LE(text.length, 8);
  return Buffer.concat([start, text, data]);
}

/** Changes what is packed in one member, which gets its check sum and sizes anew. */
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
  const name = pick(['x_train.npy', 'y_train.npy', '\u001b[2J', '../x', ''], numbers);
  const all = [
    members.toSpliced(at, 1),
    members.toSpliced(at, 0, ...Array.from({ length: 1 + numbers.integer(7) }, () => member)),
    members.with(at, { ...member, name }),
  ];
  return writeZip(pick(all, numbers));
}

/** The members that can be unpacked. */
function readZip(bytes: Buffer): readonly Member[] {
  const members: Member[] = [];
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 4)) {
    if (at + 46 > bytes.length) break;
    const start = bytes.readUInt32LE(at + 42) + 30 + bytes.readUInt16LE(at + 28);
    const packed = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
    const name = bytes.toString('latin1', at + 46, at + 46 + bytes.readUInt16LE(at + 28));
    const method = bytes.readUInt16LE(at + 10);
    const content = method === 0 ? packed : inflate(packed);
    if (content !== undefined) members.push({ name, content, method, packed });
  }
  return members;
}

function inflate(packed: Buffer): Buffer | undefined {
  try {
    return zlib.inflateRawSync(packed, { maxOutputLength: 100_000 });
  } catch {
    return undefined;
  }
}

function writeZip(members: readonly Member[]): Buffer {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let start = 0;
  for (const { name, content, method, packed: given } of members) {
    const packed = given ?? (method === 8 ? zlib.deflateRawSync(content, quick) : content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(zlib.crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    const title = Buffer.from(name, 'latin1');
    fields.writeUInt16LE(title.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(start, 10);
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), fields, title, packed]);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, tail, title]));
    bodies.push(body);
    start += body.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(start, 16);
  return Buffer.concat([...bodies, directory, end]);
}
