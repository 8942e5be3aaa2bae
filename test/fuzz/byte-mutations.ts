import type { Random } from '../../src/core/random.ts';
import type { Mutation } from './target.ts';

/** Changes that know nothing of a format. */
export const byteMutations: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  addToByte,
  setNumber,
  setNumber,
  truncate,
  insertBytes,
  removeBlock,
  copyBlock,
  repeatBlock,
  splice,
  insertOther,
];

/** Puts one of the words somewhere, over what is there or in between. */
export function placeWords(words: readonly (string | Uint8Array)[]): Mutation {
  const parts = words.map((word) => Buffer.from(word));
  return (bytes, numbers) => {
    const part = pick(parts, numbers);
    const at = numbers.integer(bytes.length + 1);
    const end = numbers.integer(2) === 0 ? at : at + part.length;
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(end)]);
  };
}

/** One of the items, each as likely as the others. */
export function pick<Item>(items: readonly Item[], numbers: Random): Item {
  const item = items[numbers.integer(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

const interesting = [
  0, 1, 2, 3, 4, 7, 8, 9, 10, 16, 27, 28, 29, 32, 63, 64, 100, 127, 128, 255, 256, 257, 511, 512, 784, 1000,
  1023, 1024, 4096, 8191, 10_000, 16_383, 16_384, 32_767, 32_768, 60_000, 65_535, 65_536, 1_000_000,
  0x7f_ff_ff_ff, 0x80_00_00_00, 0xff_ff_ff_fe, 0xff_ff_ff_ff,
];

function flipBit(bytes: Buffer, numbers: Random): Buffer | undefined {
  if (bytes.length === 0) return undefined;
  const changed = Buffer.from(bytes);
  const at = numbers.integer(bytes.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << numbers.integer(8));
  return changed;
}

function setByte(bytes: Buffer, numbers: Random): Buffer | undefined {
  if (bytes.length === 0) return undefined;
  const changed = Buffer.from(bytes);
  changed[numbers.integer(bytes.length)] = numbers.integer(256);
  return changed;
}

function addToByte(bytes: Buffer, numbers: Random): Buffer | undefined {
  if (bytes.length === 0) return undefined;
  const changed = Buffer.from(bytes);
  const at = numbers.integer(bytes.length);
  changed[at] = (changed[at] ?? 0) + numbers.integer(33) - 16;
  return changed;
}

/** Writes a number at which readers have broken before, of two or four bytes, in either order. */
function setNumber(bytes: Buffer, numbers: Random): Buffer | undefined {
  if (bytes.length < 4) return undefined;
  const changed = Buffer.from(bytes);
  const value = pick(interesting, numbers);
  // Headers stand at the start: half of the numbers go there.
  const room = numbers.integer(2) === 0 ? Math.min(bytes.length, 64) : bytes.length;
  const at = numbers.integer(room - 3);
  const write = [
    () => changed.writeUInt16LE(value % 0x1_0000, at),
    () => changed.writeUInt16BE(value % 0x1_0000, at),
    () => changed.writeUInt32LE(value, at),
    () => changed.writeUInt32BE(value, at),
  ];
  pick(write, numbers)();
  return changed;
}

function truncate(bytes: Buffer, numbers: Random): Buffer {
  return bytes.subarray(0, numbers.integer(bytes.length + 1));
}

function insertBytes(bytes: Buffer, numbers: Random): Buffer {
  const at = numbers.integer(bytes.length + 1);
  const part = Buffer.alloc(1 + numbers.integer(16), numbers.integer(256));
  if (numbers.integer(2) === 0) part.forEach((_, index) => part.writeUInt8(numbers.integer(256), index));
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
}

function removeBlock(bytes: Buffer, numbers: Random): Buffer {
  const { start, end } = chooseBlock(bytes, numbers);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function copyBlock(bytes: Buffer, numbers: Random): Buffer {
  const { start, end } = chooseBlock(bytes, numbers);
  const changed = Buffer.from(bytes);
  bytes.copy(changed, numbers.integer(bytes.length + 1), start, end);
  return changed;
}

function repeatBlock(bytes: Buffer, numbers: Random): Buffer {
  const { start, end } = chooseBlock(bytes, numbers);
  const times = 1 + numbers.integer(numbers.integer(8) === 0 ? 200 : 4);
  const copies = Array.from({ length: times }, () => bytes.subarray(start, end));
  return Buffer.concat([bytes.subarray(0, end), ...copies, bytes.subarray(end)]);
}

/** The start of one and the end of the other. */
function splice(bytes: Buffer, numbers: Random, other: Buffer): Buffer {
  const at = numbers.integer(bytes.length + 1);
  const from = numbers.integer(2) === 0 ? Math.min(at, other.length) : numbers.integer(other.length + 1);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from)]);
}

function insertOther(bytes: Buffer, numbers: Random, other: Buffer): Buffer {
  const { start, end } = chooseBlock(other, numbers);
  const at = numbers.integer(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at)]);
}

/** Short blocks are more likely than long ones. */
function chooseBlock(bytes: Buffer, numbers: Random): { readonly start: number; readonly end: number } {
  const start = numbers.integer(bytes.length + 1);
  const longest = Math.min(bytes.length - start, 2 ** (1 + numbers.integer(10)));
  return { start, end: start + numbers.integer(longest + 1) };
}
