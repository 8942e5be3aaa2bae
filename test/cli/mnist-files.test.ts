import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createBomb } from '../../packages/mnist-dataset-loader/test/support/bomb.ts';
import { withByte } from '../../packages/mnist-dataset-loader/test/support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { encodeIdx } from '../support/idx.ts';
import { preload, runCli } from '../support/run-cli.ts';
import { createSmallMnistFolder, withSmallMnist } from '../support/small-mnist.ts';

const images = 'train-images-idx3-ubyte';

describe.concurrent('files that claim to be MNIST', () => {
  /** What `download --offline` says of one file in the data folder. */
  async function check(name: string, bytes: Uint8Array) {
    const folder = createTempFolder();
    fs.writeFileSync(path.join(folder, name), bytes);
    const { exit, stderr } = await runCli(['download', '--offline', '--data-dir', folder]);
    return { exit, lines: stderr.trimEnd().split('\n'), file: path.join(folder, name), folder };
  }

  test('are empty (A2)', async () => {
    const { exit, lines, file, folder } = await check(images, new Uint8Array(0));
    expect([exit, ...lines]).toEqual([
      65,
      `mnist-cnn: cannot read ${images}: it is empty (0 bytes), expected 47,040,016`,
      `  file: ${file}`,
      `    mnist-cnn download --data-dir ${folder}`,
    ]);
  });

  test('were cut off (A7)', async () => {
    const { exit, lines } = await check(images, encodeIdx([60_000, 28, 28], new Uint8Array(1008)));
    expect([exit, lines[0]]).toEqual([
      65,
      `mnist-cnn: cannot read ${images}: 1,024 of 47,040,016 bytes are there`,
    ]);
  });

  test('are the test images under the name of the training images (A15)', async () => {
    const { exit, lines } = await check(images, encodeIdx([10_000, 28, 28], new Uint8Array(7_840_000)));
    expect([exit, lines[0]]).toEqual([
      65,
      `mnist-cnn: cannot read ${images}: it declares 10,000 images, expected 60,000`,
    ]);
  });

  test('are a bomb of 10 GB: unpacking stops at the expected size (A20)', async () => {
    const start = encodeIdx([60_000, 28, 28], []);
    const { exit, lines, folder } = await check(images, createBomb(start));
    expect([exit, lines[0], fs.readdirSync(folder)]).toEqual([
      65,
      `mnist-cnn: cannot unpack ${images}: it is larger than the expected 47,040,016 bytes`,
      [images],
    ]);
  });

  test.each([
    ['replaced by another', 'replace', 0, /^$/],
    ['overwritten', 'overwrite', 65, /the gzip data ends early|the gzip check failed|is not the original/],
    ['cut off', 'shorten', 65, /the gzip data ends early/],
  ])('and are %s while they are read: only right bytes are taken (A24)', async (_, change, exit, problem) => {
    const folder = createSmallMnistFolder();
    const result = await runCli(['download', '--offline', '--data-dir', folder], {
      nodeFlags: [...withSmallMnist.nodeFlags, ...preload('change-while-read')],
      env: { ...withSmallMnist.env, CHANGED: path.join(folder, `${images}.gz`), CHANGE: change },
    });
    const [first = ''] = result.stderr.split('\n');
    expect([result.exit, first.startsWith('mnist-cnn: ') ? first : '']).toEqual([
      exit,
      expect.stringMatching(problem),
    ]);
  });
});

describe.concurrent('files of a database that is pinned', () => {
  const words = ['download', '--data-dir'];
  const alone = { ...withSmallMnist, nodeFlags: [...withSmallMnist.nodeFlags, ...preload('no-network')] };

  /** The database with one pixel changed, and its damaged file. */
  function createFlipped() {
    const folder = createSmallMnistFolder();
    const file = path.join(folder, `${images}.gz`);
    const right = fs.readFileSync(file);
    const bytes = gunzipSync(right);
    const damaged = gzipSync(withByte(bytes, 5000, (bytes[5000] ?? 0) ^ 1));
    fs.writeFileSync(file, damaged);
    return { folder, file, right, damaged };
  }

  test('that are all there and right touch no network (B20)', async () => {
    const folder = createSmallMnistFolder();
    const { exit, stdout } = await runCli([...words, folder], alone);
    expect([exit, stdout]).toEqual([0, `${folder}: already complete, 4 files verified\n`]);
  });

  test('that are not would have touched it (B20)', async () => {
    const { exit, stderr } = await runCli([...words, createFlipped().folder], alone);
    expect([exit, stderr.includes('the network was touched')]).toEqual([69, true]);
  });

  test('are refused for one changed pixel with --offline, and stay as they are (A14, B22)', async () => {
    const { folder, file, damaged } = createFlipped();
    const { exit, stderr } = await runCli([...words, folder, '--offline'], alone);
    const [first, ...rest] = stderr.split('\n');
    expect(first).toMatch(
      /^mnist-cnn: train-images-idx3-ubyte\.gz is not the original: its payload's SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}$/,
    );
    expect([exit, rest[0], rest[2]]).toEqual([
      65,
      `  file: ${file}`,
      `    mnist-cnn download --data-dir ${folder}`,
    ]);
    expect([fs.readFileSync(file).equals(damaged), fs.readdirSync(folder).length]).toEqual([true, 4]);
  });

  test('are fetched again where they are damaged, and the damaged file is kept as .bad (A14, B21)', async () => {
    const { folder, file, right, damaged } = createFlipped();
    const mirror = createSmallMnistFolder();
    const { exit, stderr } = await runCli([...words, folder, '--mirror', mirror], alone);
    expect([exit, stderr.split('\n')[0]]).toEqual([
      0,
      expect.stringMatching(
        /^mnist-cnn: warning: train-images-idx3-ubyte\.gz is damaged .*, fetching it again; the damaged file is kept as train-images-idx3-ubyte\.gz\.bad$/,
      ),
    ]);
    expect([fs.readFileSync(file).equals(right), fs.readFileSync(`${file}.bad`).equals(damaged)]).toEqual([
      true,
      true,
    ]);
  });
});
