import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { withByte } from '../../packages/mnist-dataset-loader/test/support/digits.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { encodeIdx } from '../support/idx.ts';
import { preload, runCli } from '../support/run-cli.ts';

const images = 'train-images-idx3-ubyte';
const labels = 'train-labels-idx1-ubyte';
const whole = fs.readFileSync(path.join(writeDigitsFolder(12, 3), images));

const html = Buffer.from('<!DOCTYPE html><title>Sign in</title>');

/** A data set of 12 and 3 digits with one file replaced: by bytes, or by what `make` puts there. */
function folderWith(name: string, content: Uint8Array | ((file: string) => void)): string {
  const folder = writeDigitsFolder(12, 3);
  const file = path.join(folder, name);
  if (content instanceof Uint8Array) fs.writeFileSync(file, content);
  else {
    fs.rmSync(file);
    content(file);
  }
  return folder;
}

/** Shows a digit of such a data set, which must fail and change nothing; gives exit code and lines of stderr. */
async function refuse(folder: string, nodeFlags: readonly string[] = []) {
  const before = readTree(folder);
  const cwd = createTempFolder();
  const { exit, stdout, stderr } = await runCli(['show', '--dataset', folder], { cwd, nodeFlags });
  expect([stdout, fs.readdirSync(cwd), readTree(folder)]).toEqual(['', [], before]);
  expect(stderr).not.toMatch(/^\s+at /m);
  return { exit, lines: stderr.trimEnd().split('\n') };
}

describe.concurrent('a damaged IDX file is refused with exit 65 and named', () => {
  const zip = Buffer.from('504b03041400', 'hex');
  const swapped = Buffer.from(whole);
  for (const at of [4, 8, 12]) swapped.subarray(at, at + 4).reverse();

  const rows: readonly (readonly [row: string, name: string, bytes: Uint8Array, problem: string])[] = [
    ['A2', images, Buffer.alloc(0), 'it is empty (0 bytes)'],
    ['A3', images, whole.subarray(0, 3), 'its header is incomplete: 3 bytes, expected at least 8'],
    ['A3', images, whole.subarray(0, 7), 'its header is incomplete: 7 bytes, expected 16'],
    ['A3', images, whole.subarray(0, 15), 'its header is incomplete: 15 bytes, expected 16'],
    ['A4', images, html, 'it is not an IDX file (its first two bytes are not 0), it looks like HTML'],
    ['A4', images, zip, 'it is not an IDX file (its first two bytes are not 0), it looks like a ZIP archive'],
    [
      'A4',
      images,
      gzipSync(gzipSync(whole)),
      'it is not an IDX file (its first two bytes are not 0), it looks like gzip',
    ],
    [
      'A5',
      images,
      encodeIdx([12, 28, 28], whole.subarray(16), 0x0d),
      'type 0x0D (float32) is not supported, expected 0x08 (uint8)',
    ],
    ['A6', images, encodeIdx([12], [1, 2]), 'this is a label file (1 dimension), images have 3'],
    ['A6', labels, whole, 'this is an image file (3 dimensions), labels have 1'],
    ['A7', images, whole.subarray(0, 5000), '5,000 of 9,424 bytes are there'],
    ['A8', images, Buffer.concat([whole, zip]), 'it has 6 extra bytes after the 9,424 declared'],
    ['A10', images, encodeIdx([0, 28, 28], []), 'it holds no images (0 x 28 x 28)'],
    ['A10', images, encodeIdx([12, 0, 28], []), 'it holds no images (12 x 0 x 28)'],
    ['A10', images, encodeIdx([12, 28, 0], []), 'it holds no images (12 x 28 x 0)'],
    [
      'A11',
      images,
      encodeIdx([12, 32, 32], new Uint8Array(12 * 1024)),
      'found images of 32 x 32, expected 28 x 28',
    ],
    [
      'A12',
      labels,
      encodeIdx([12], [0, 1, 2, 3, 4, 5, 10, 7, 8, 9, 0, 1]),
      'label 10 at index 6, expected 0 to 9',
    ],
    [
      'A16',
      images,
      swapped,
      'its dimensions 201326592 x 469762048 x 469762048 are impossible, their byte order looks swapped (IDX is big-endian)',
    ],
    [
      'A16',
      labels,
      encodeIdx([12 * 2 ** 24], new Uint8Array(12)),
      'the byte order of its dimensions looks swapped (IDX is big-endian)',
    ],
    [
      'A16',
      images,
      Buffer.concat([Buffer.from('03080000', 'hex'), swapped.subarray(4)]),
      'the byte order of its header looks swapped (IDX is big-endian)',
    ],
  ];

  const cases = rows.map(([row, name, bytes, problem]) => ({ row, name, bytes, problem }));

  test.each(cases)('$problem ($row)', async ({ name, bytes, problem }) => {
    const folder = folderWith(name, bytes);
    const { exit, lines } = await refuse(folder);
    expect([exit, lines[0], lines[1]]).toEqual([
      65,
      `mnist-cnn: cannot read ${name}: ${problem}`,
      `  file: ${path.join(folder, name)}`,
    ]);
  });

  test('with both counts where they differ (A13)', async () => {
    const { exit, lines } = await refuse(folderWith(labels, encodeIdx([11], new Uint8Array(11))));
    expect([exit, lines[0]]).toEqual([
      65,
      `mnist-cnn: cannot read ${images}: it holds 12 images, but ${labels} 11 labels`,
    ]);
  });

  test('with a command that works without it, last', async () => {
    const { lines } = await refuse(folderWith(images, whole.subarray(0, 5000)));
    expect(lines.slice(2)).toEqual(['  It was probably cut off.', '    mnist-cnn show --dataset mnist']);
  });

  test('without making room for impossible dimensions (A9)', async () => {
    const peakKilobytes = async (bytes: Buffer) => {
      const { exit, lines } = await refuse(folderWith(images, bytes), preload('report-peak-memory'));
      return { exit, problem: lines[0], peak: Number(lines.at(-1)?.split(' ')[1]) };
    };
    const largest = 2 ** 32 - 1;
    const huge = await peakKilobytes(encodeIdx([largest, largest, largest], [1]));
    const small = await peakKilobytes(encodeIdx([12, 28, 28], [1]));
    expect([huge.exit, huge.problem]).toEqual([
      65,
      `mnist-cnn: cannot read ${images}: its dimensions ${largest} x ${largest} x ${largest} are impossible`,
    ]);
    expect(huge.peak - small.peak).toBeLessThan(50 * 1024);
  });
});

describe.concurrent('a damaged gzip file', () => {
  const packed = gzipSync(whole);
  const flip = (at: number) => withByte(packed, at, (packed[at] ?? 0) ^ 1);
  const half = Math.floor(packed.length / 2);
  const rows: readonly (readonly [row: string, bytes: Uint8Array, problem: string])[] = [
    ['A18', packed.subarray(0, 12), 'the gzip data ends early'],
    ['A18', packed.subarray(0, half), 'the gzip data ends early'],
    ['A18', packed.subarray(0, packed.length - 1), 'the gzip data ends early'],
    ['A19', flip(packed.length - 8), 'the gzip check failed (incorrect data check)'],
    ['A19', flip(packed.length - 4), 'the gzip check failed (incorrect length check)'],
    ['A21', Buffer.concat([packed, gzipSync('junk')]), 'it is larger than the expected 9,424 bytes'],
    ['A21', Buffer.concat([packed, html]), 'the gzip check failed (incorrect header check)'],
  ];

  const cases = rows.map(([row, bytes, problem]) => ({ row, bytes, problem }));

  test.each(cases)('is refused, and nothing is unpacked: $problem ($row)', async ({ bytes, problem }) => {
    const { exit, lines } = await refuse(folderWith(images, bytes));
    expect([exit, lines[0]]).toEqual([65, `mnist-cnn: cannot unpack ${images}: ${problem}`]);
  });

  test('whose payload is right all the same, in two members and with zeros behind them, is read (A21)', async () => {
    const members = [whole.subarray(0, 5000), whole.subarray(5000)].map((part) => gzipSync(part));
    const folder = folderWith(images, Buffer.concat([...members, Buffer.alloc(512)]));
    const show = (from: string) => runCli(['show', '--dataset', from]);
    const [plain, repacked] = await Promise.all([show(writeDigitsFolder(12, 3)), show(folder)]);
    expect([repacked.exit, repacked.stdout]).toEqual([0, plain.stdout]);
  });
});

describe.concurrent('what is not a readable file is refused with exit 66 and never waited for', () => {
  const servers: net.Server[] = [];
  const makeSocket = (file: string) => servers.push(net.createServer().listen(file));
  afterAll(() => {
    for (const server of servers) server.close();
  });
  const rows: readonly (readonly [what: string, make: (file: string) => void, problem: string])[] = [
    ['a folder', (file) => fs.mkdirSync(file), 'it is a folder, not a regular file'],
    [
      'a pipe',
      (file) => execFileSync('mkfifo', [file]),
      'it is a device, pipe or socket, not a regular file',
    ],
    [
      'a device',
      (file) => fs.symlinkSync('/dev/zero', file),
      'it is a device, pipe or socket, not a regular file',
    ],
    ['a socket', makeSocket, 'it is a device, pipe or socket, not a regular file'],
    [
      'a circle of links',
      (file) => fs.symlinkSync(file, file),
      'too many symbolic links, probably a loop (ELOOP)',
    ],
    ['a dangling link', (file) => fs.symlinkSync('/nonexistent', file), 'it does not exist (ENOENT)'],
  ];

  test.each(rows)('%s (A22, A23)', async (_, make, problem) => {
    const folder = folderWith(images, make);
    const { exit, lines } = await refuse(folder);
    expect([exit, ...lines]).toEqual([
      66,
      `mnist-cnn: cannot read ${images}: ${problem}`,
      `  file: ${path.join(folder, images)}`,
      '    mnist-cnn show --dataset mnist',
    ]);
  });

  test('a file that is not ours to read (A23)', async () => {
    const folder = folderWith(images, (file) => fs.writeFileSync(file, whole, { mode: 0o000 }));
    const { exit, stderr } = await runCli(['show', '--dataset', folder], {
      nodeFlags: preload('without-privileges'),
    });
    expect([exit, stderr.split('\n')[0]]).toEqual([
      66,
      `mnist-cnn: cannot read ${images}: permission denied (EACCES)`,
    ]);
  });
});

describe('data of one class', () => {
  test('are trained on with a warning that names the missing ones (A25)', async () => {
    const folder = folderWith(labels, encodeIdx([12], new Uint8Array(12).fill(3)));
    const { exit, stderr } = await runCli([
      'train',
      '--dataset',
      folder,
      '--dry-run',
      '-q',
      '--batch-size=4',
    ]);
    expect([exit, stderr.split('\n')[0]]).toEqual([
      0,
      'mnist-cnn: warning: there is no example of the digits 0, 1, 2, 4, 5, 6, 7, 8, 9 among 12 labels',
    ]);
  });
});
