import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

/** Four by two pixels: columns that get brighter, then darker; the second row is twice as bright. */
const samples = [10, 30, 90, 20, 20, 60, 180, 40];
const original = createTempFolder();

const raw = { width: 4, height: 2, channels: 1 } as const;
await sharp(Buffer.from(samples), { raw }).toColorspace('b-w').png().toFile(path.join(original, 'steps.png'));

/** A folder of its own with the picture in it. */
function createFolder(): string {
  const folder = createTempFolder();
  fs.copyFileSync(path.join(original, 'steps.png'), path.join(folder, 'steps.png'));
  return folder;
}

function filter(folder: string, ...words: readonly string[]): Promise<CliResult> {
  return runWarm(['filter', ...words], { cwd: folder });
}

async function readPixels(file: string): Promise<readonly number[]> {
  return [...(await sharp(file).extractChannel(0).raw().toBuffer())];
}

describe('filter NAME IMAGE', () => {
  const folder = createFolder();
  let result: CliResult;

  beforeAll(async () => {
    result = await filter(folder, 'edge', 'steps.png');
  });

  test('writes the filtered picture beside nothing else, into the working folder', async () => {
    expect(fs.readdirSync(folder)).toEqual(['steps-edge.png', 'steps.png']);
    expect(await readPixels(path.join(folder, 'steps-edge.png'))).toEqual([0, 20, 60, 0, 0, 40, 120, 0]);
  });

  test('draws it and says what it wrote', () => {
    expect(result.stdout.split('\n').slice(-3)).toEqual([
      ' .-',
      'steps-edge.png: edge (2 x 1) of steps.png, 4 x 2 pixels, gray',
      '',
    ]);
  });

  test('reports the next command', () => {
    expect([result.exit, result.stderr]).toEqual([0, 'next: mnist-cnn filter edge-all steps.png\n']);
  });

  test('keeps an earlier file and numbers the new one', async () => {
    const { stdout } = await filter(folder, 'edge', 'steps.png');
    expect(stdout).toContain('steps-edge-2.png: edge (2 x 1) of steps.png');
  });
});

test('filter --out takes the place of an earlier file, in a folder made for it', async () => {
  const folder = createFolder();
  const file = path.join('pictures', 'out.png');
  await filter(folder, 'blur', 'steps.png', '--out', file);
  const { exit } = await filter(folder, 'sharpen', 'steps.png', '--out', file);
  const pixels = await readPixels(path.join(folder, file));
  expect([exit, fs.readdirSync(path.join(folder, 'pictures')), pixels[0]]).toEqual([0, ['out.png'], 0]);
});

test.each([['-1 1'], ['[[-1, 1]]']])('filter --kernel %j filters with rows of your own', async (rows) => {
  const folder = createFolder();
  await filter(folder, 'steps.png', '--kernel', rows, '--divide', '2', '--plus', '100');
  const pixels = await readPixels(path.join(folder, 'steps-own.png'));
  expect(pixels).toEqual([100, 110, 130, 65, 100, 120, 160, 30]);
});

test('filter - reads standard input', async () => {
  const { exit, stderr } = await runCli(['filter', 'blur', '-'], { input: '' });
  expect([exit, stderr.split('\n')[0]]).toEqual([
    65,
    'mnist-cnn: cannot read standard input: it is empty (0 bytes)',
  ]);
});

test('filter --json gives the numbers of the filter and the file', async () => {
  const { stdout } = await filter(createFolder(), 'emboss', 'steps.png', '--json');
  expect(JSON.parse(stdout)).toEqual({
    filter: 'emboss',
    rows: [
      [-1, -1, 0],
      [-1, 0, 1],
      [0, 1, 1],
    ],
    divide: 1,
    plus: 128,
    picture: 'steps.png',
    width: 4,
    height: 2,
    channels: 1,
    file: 'steps-emboss.png',
  });
});

describe('filter alone', () => {
  test('lists the filters', async () => {
    const { exit, stdout } = await filter(original);
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect([exit, names]).toEqual([
      0,
      ['filter', 'edge', 'edge-all', 'sharpen', 'emboss', 'blur', 'motion-blur'],
    ]);
  });

  test('lists them with their numbers as JSON', async () => {
    const { stdout } = await filter(original, '--json');
    const filters: readonly { readonly name: string; readonly rows: unknown }[] = JSON.parse(stdout);
    expect(filters[0]).toMatchObject({ name: 'edge', rows: [[-1, 1]], divide: 1, plus: 0 });
  });
});

test('filter with an unknown name lists the filters, and exits with 2', async () => {
  const { exit, stderr } = await filter(original, 'embos', 'steps.png');
  const lines = stderr.split('\n');
  expect([exit, lines[0], lines[1], lines.at(-2)]).toEqual([
    2,
    'mnist-cnn: unknown filter "embos"',
    '  filter       size   does',
    '    mnist-cnn filter --help',
  ]);
});

test.each([
  [['blur'], 'filter needs a name and one picture, found "blur"'],
  [['blur', 'a.png', 'b.png'], 'filter needs a name and one picture, found "blur a.png b.png"'],
  [['--kernel', '1'], 'filter with --kernel needs one picture and no name, found nothing'],
  [
    ['blur', 'a.png', '--kernel', '1'],
    'filter with --kernel needs one picture and no name, found "blur a.png"',
  ],
  [
    ['blur', 'a.png', '--plus', '1'],
    '--divide and --plus need --kernel: the named filters have their own values',
  ],
  [
    ['a.png', '--kernel', '1 2; 3'],
    'cannot read the rows of --kernel: rows differ in length: row 1 has 2, row 2 has 1',
  ],
  [['a.png', '--kernel', '1', '--plus', '256'], '--plus is "256", expected a number from -255 to 255'],
  [['a.png', '--kernel', '1', '--divide', '0'], '--divide is "0", expected a number above 0, at most 1e6'],
  [['blur', 'a.png', '--out', 'b.jpg'], '--out is "b.jpg", expected a name that ends in .png'],
])('filter refuses %j', async (words, message) => {
  const { exit, stderr } = await filter(original, ...words);
  expect([exit, stderr.split('\n')[0]]).toEqual([2, `mnist-cnn: ${message}`]);
});

test('filter names a picture that is not there', async () => {
  const { exit, stderr } = await filter(original, 'blur', 'none.png');
  expect([exit, stderr.split('\n')[0]]).toEqual([
    66,
    'mnist-cnn: cannot read none.png: it does not exist (ENOENT)',
  ]);
});

test('filter writes nothing where the picture is not a picture', async () => {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, 'a.png'), 'no picture');
  const { exit, stderr } = await filter(folder, 'blur', 'a.png');
  expect([exit, fs.readdirSync(folder), stderr.split('\n')[0]]).toEqual([
    65,
    ['a.png'],
    'mnist-cnn: cannot read a.png: found text, this tool reads PNG, JPEG, BMP and WebP',
  ]);
});
