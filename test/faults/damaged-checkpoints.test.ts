import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { decodeTensorFile, encodeTensorFile, type TensorFile } from '../../src/core/tensor-file.ts';
import { catchError } from '../support/caught.ts';
import { fileOf } from '../support/checkpoints.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { sealChanged, sealHeader } from '../support/sealed-file.ts';
import { runWarm } from '../support/warm-cli.ts';

const cwd = createTempFolder();
/** The bytes of the newest checkpoint of a run of two steps, and what is in them. */
let bytes: Buffer;
let good: TensorFile;

beforeAll(async () => {
  const words = ['--arch=conv3x3', '--batch-size=10', '--max-steps=2', '--eval-images=10', '--validation=10'];
  const dataset = `--dataset=${writeDigitsFolder(40, 10)}`;
  const started = await runWarm(['train', dataset, ...words, '--checkpoint-every=1', '--out=net', '-q'], {
    cwd,
  });
  expect([started.stderr, started.exit]).toEqual(['', 0]);
  bytes = fs.readFileSync(fileOf(path.join(cwd, 'net/checkpoints'), 2));
  good = decodeTensorFile(bytes, 'good');
});

/** A copy of the run, to be damaged. */
function copyRun(name: string): { readonly name: string; readonly checkpoints: string } {
  fs.cpSync(path.join(cwd, 'net'), path.join(cwd, name), { recursive: true });
  return { name, checkpoints: path.join(cwd, name, 'checkpoints') };
}

/** Adds a third step to a run. */
async function resume(name: string, ...words: readonly string[]) {
  const result = await runWarm(['train', '--resume', name, '--max-steps=3', ...words], { cwd });
  expect(result.stderr).not.toMatch(/^\s+at /m);
  return { ...result, first: result.stderr.split('\n').find((line) => line.startsWith('mnist-cnn:')) };
}

/** A checkpoint whose hash fits and whose table of arrays has been changed in its first entry. */
function forgeTable(change: (first: Record<string, unknown>) => readonly Record<string, unknown>[]): Buffer {
  const start = 48 + bytes.readUInt32LE(12);
  const { arrays, ...rest } = JSON.parse(bytes.toString('utf8', 48, start)) as Forged; // written by us
  const [first = {}, ...others] = arrays;
  return sealHeader(
    JSON.stringify({ ...rest, arrays: [...change(first), ...others] }),
    bytes.subarray(start),
  );
}

interface Forged {
  readonly arrays: readonly Record<string, unknown>[];
}

const withSizeField = (size: number) => () => sealChanged(good, (given) => given.writeUInt32LE(size, 12));
const first = 'weights/conv2d_1/kernel';

/** Each kind of damage: what stands in place of a checkpoint, and what is said of it. */
const kinds: readonly (readonly [fault: string, make: () => Buffer, reason: string])[] = [
  [
    'cut short',
    () => bytes.subarray(0, -1),
    'its SHA-256 differs from the one stored in it: it is damaged or was cut off',
  ],
  ['a header that is not JSON', () => sealHeader('{"arrays"'), 'its header is not JSON'],
  [
    'a flipped bit',
    () => flip(bytes, bytes.length * 8 - 77),
    'its SHA-256 differs from the one stored in it: it is damaged or was cut off',
  ],
  ['a header size of 0', withSizeField(0), 'its header claims 0 bytes, but the file has SIZE'],
  [
    'a header size beyond the file',
    withSizeField(2 ** 32 - 1),
    'its header claims 4294967295 bytes, but the file has SIZE',
  ],
  [
    'an array past the end',
    () => forgeTable((entry) => [{ ...entry, shape: [2 ** 30], sizeBytes: 2 ** 32 }]),
    `the array ${first} extends past the end of the file`,
  ],
  ['a hole behind the arrays', () => forgeTable(() => []), 'BYTES bytes are left over after its arrays'],
  [
    'an offset of its own',
    () => forgeTable((entry) => [{ ...entry, offset: 8 }]),
    `the array ${first} has an unknown entry "offset"`,
  ],
  [
    'a shape of other bytes',
    () => forgeTable((entry) => [{ ...entry, shape: [7] }]),
    `the array ${first} has shape 7, 28 bytes, but claims BYTES`,
  ],
  ...[-1, 1.5, 1e308].map(
    (size) =>
      [
        `a dimension of ${size}`,
        () => forgeTable((entry) => [{ ...entry, shape: [size] }]),
        `the array ${first} has an invalid shape`,
      ] as const,
  ),
  [
    'another number type',
    () => forgeTable((entry) => [{ ...entry, dtype: 'float16' }]),
    `the array ${first} has an unknown entry "dtype"`,
  ],
  [
    'a name twice',
    () => forgeTable((entry) => [{ ...entry, shape: [1], sizeBytes: 4 }, entry]),
    `the array ${first} appears twice`,
  ],
  [
    'an array of an unknown kind',
    () => forgeTable((entry) => [{ ...entry, name: 'other/a' }]),
    'it has an unknown array other/a',
  ],
  [
    '__proto__ and constructor',
    () => sealHeader('{"__proto__":{"step":1},"constructor":{"prototype":{"step":1}},"arrays":[]}'),
    'it is not a checkpoint',
  ],
  [
    '100,000 levels',
    () => sealHeader(`{"arrays":[],"step":${'['.repeat(1e5)}${']'.repeat(1e5)}}`),
    'it is not a checkpoint',
  ],
  ['NaN', () => spoil(Number.NaN), `${first}[3] is NaN`],
  ['Infinity', () => spoil(Infinity), `${first}[3] is Infinity`],
];

describe('a run whose newest checkpoints are all damaged, each in its own way', () => {
  const stepOf = (index: number) => 10 + index;
  let checkpoints: string;
  let stderr: string;
  let exit: number | null;

  beforeAll(async () => {
    const run = copyRun('many');
    ({ checkpoints } = run);
    kinds.forEach(([, make], index) => fs.writeFileSync(fileOf(checkpoints, stepOf(index)), make()));
    fs.symlinkSync('nowhere', fileOf(checkpoints, 99));
    ({ stderr, exit } = await resume(run.name));
  });

  test('resumes from the last that is whole (D2, D3, D4, D8, D9, D10, D11, D12, D13)', () => {
    expect([exit, stderr.includes('\nresuming after step 2\n')]).toEqual([0, true]);
    expect(fs.existsSync(fileOf(checkpoints, 3))).toBe(true);
  });

  test('reports what is wrong with each (D2, D3, D4, D8, D9, D10, D11, D12, D13)', () => {
    const warnings = stderr.split('\n').filter((line) => line.startsWith('mnist-cnn: warning: step-'));
    const entryBytes = good.arrays[0]?.values.byteLength ?? 0;
    const expected = kinds.map(([, make, reason], index) => {
      const words = reason.replace('SIZE', String(make().length)).replace('BYTES', String(entryBytes));
      return [stepOf(index), words] as const;
    });
    expect(warnings).toEqual(
      [...expected, [99, 'it does not exist (ENOENT)'] as const].toReversed().map(([step, reason]) => {
        const name = path.basename(fileOf('', step));
        return `mnist-cnn: warning: ${name} is skipped and kept as ${name}.bad: cannot read ${name}: ${reason}`;
      }),
    );
  });

  test('keeps the damaged files as they were, under names that are not tried again (D2)', () => {
    const kept = kinds.map((_, index) => fs.readFileSync(`${fileOf(checkpoints, stepOf(index))}.bad`));
    expect(kept.map((file, index) => file.equals(kinds[index]?.[1]() ?? file.subarray(1)))).toEqual(
      kinds.map(() => true),
    );
  });
});

test.concurrent('a run whose checkpoints are all damaged is refused, and nothing is touched (D2)', async () => {
  const { name, checkpoints } = copyRun('none');
  fs.truncateSync(fileOf(checkpoints, 1), 1000);
  fs.truncateSync(fileOf(checkpoints, 2), 20);
  const before = readTree(path.join(cwd, name));
  expect(await resume(name)).toMatchObject({
    exit: 65,
    first: 'mnist-cnn: cannot read step-000002.ckpt: it has 20 bytes, fewer than the 48 of its fixed header',
  });
  expect(readTree(path.join(cwd, name))).toEqual(before);
});

test.concurrent('a checkpoint of a newer version is named and left alone, and so is the run (D17)', async () => {
  const { name, checkpoints } = copyRun('newer');
  fs.writeFileSync(
    fileOf(checkpoints, 7),
    sealChanged(good, (given) => given.writeUInt32LE(2, 8)),
  );
  const before = readTree(path.join(cwd, name));
  const { exit, first: line, stderr } = await resume(name);
  expect([exit, line]).toEqual([
    65,
    'mnist-cnn: cannot read step-000007.ckpt: it has format version 2, but this tool reads up to 1',
  ]);
  expect(stderr).toContain('  It was written by a newer mnist-cnn. Upgrade this one.\n');
  expect(readTree(path.join(cwd, name))).toEqual(before);
});

test.concurrent('a checkpoint that lacks weights of the network is refused by their names (D11)', async () => {
  const { name, checkpoints } = copyRun('lacking');
  fs.writeFileSync(fileOf(checkpoints, 2), encodeTensorFile({ ...good, arrays: good.arrays.slice(1) }));
  const { exit, first: line } = await resume(name);
  expect(exit).toBe(65);
  expect(line).toBe(
    'mnist-cnn: these are not weights for the network conv3x3: expected conv2d_1/kernel, dense_1/kernel, dense_1/bias, found dense_1/kernel, dense_1/bias',
  );
});

test.concurrent('a checkpoint without the state of its optimizer is refused by what it lacks; predict needs none (D21)', async () => {
  const { name, checkpoints } = copyRun('forgetful');
  const arrays = good.arrays.filter((array) => array.name.startsWith('weights/'));
  fs.writeFileSync(fileOf(checkpoints, 2), encodeTensorFile({ ...good, arrays }));
  expect(await resume(name)).toMatchObject({
    exit: 65,
    first: 'mnist-cnn: the checkpoint lacks the optimizer state mean/0',
  });
  fs.writeFileSync(path.join(cwd, 'seven.png'), encodePng(drawSeven(60, 80)));
  const { exit, stdout } = await runWarm(['predict', '--model', name, 'seven.png'], { cwd });
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/^seven\.png: (unsure \(no digit\), )?\d/)]);
});

test('any of 10,000 random bits of the body, when flipped, is noticed (D3)', () => {
  const values = Float32Array.from({ length: 2048 }, (_, index) => index / 7);
  const small = encodeTensorFile({ ...good, arrays: [{ name: 'weights/a', shape: [2048], values }] });
  const bodyStart = small.length - values.byteLength;
  const numbers = random(1, 'test');
  const codes = new Set<string>();
  for (let turn = 0; turn < 10_000; turn++) {
    const bit = bodyStart * 8 + numbers.integer(values.byteLength * 8);
    codes.add(catchError(() => decodeTensorFile(flip(small, bit), 'x.ckpt')).code);
  }
  expect([...codes]).toEqual(['E_MODEL_FORMAT']);
});

function flip(given: Buffer, bit: number): Buffer {
  const changed = Buffer.from(given);
  changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return changed;
}

/** The good checkpoint with one weight that is no finite number. */
function spoil(value: number): Buffer {
  const arrays = good.arrays.map((array) => ({ ...array, values: array.values.slice() }));
  arrays[0]?.values.fill(value, 3, 4);
  return encodeTensorFile({ ...good, arrays });
}
