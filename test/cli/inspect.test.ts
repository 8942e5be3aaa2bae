import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { type CliResult, preload, runCli } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const folder = createTempFolder();
const digits = writeDigitsFolder(20, 30);

function inspect(...words: readonly string[]): Promise<CliResult> {
  return runWarm(['inspect', ...words], { cwd: folder });
}

describe('inspect --arch', () => {
  let result: CliResult;

  beforeAll(async () => {
    const nodeFlags = preload('report-libraries');
    result = await runCli(['inspect', '--arch', 'conv3x3'], { cwd: folder, nodeFlags });
  });

  test('shows shapes, parameters and multiply-adds of a network by its name', () => {
    expect([result.exit, result.stdout.split('\n')]).toEqual([
      0,
      [
        'network conv3x3: 13,602 parameters',
        '     layer                  output shape  parameters  multiply-adds',
        '     input                   28 x 28 x 1',
        '  1  conv2d 8 (3x3, valid)   26 x 26 x 8          72         48,672',
        '  2  max-pool 2x2            13 x 13 x 8',
        '  3  flatten                        1352',
        '  4  dense 10                         10      13,530         13,520',
        '     total                                    13,602         62,192',
        '',
      ],
    ]);
  });

  test('needs no TensorFlow', () => {
    expect(result.stderr.trimEnd().split('\n').at(-1)).toBe('TensorFlow was not loaded');
  });

  test('reports the next command', () => {
    expect(result.stderr.split('\n')[0]).toBe('next: mnist-cnn train --arch conv3x3');
  });
});

test('inspect --json gives the layers as data', async () => {
  const { stdout } = await inspect('--arch', 'conv3x3', '--untrained', '--json');
  expect(JSON.parse(stdout)).toEqual({
    model: 'untrained conv3x3',
    architecture: 'conv3x3',
    inputShape: [28, 28, 1],
    layers: [
      layer('conv2d_1', 'conv2d 8 (3x3, valid)', [26, 26, 8], [72, 48_672]),
      layer('max_pooling2d_1', 'max-pool 2x2', [13, 13, 8], [0, 0]),
      layer('flatten_1', 'flatten', [1352], [0, 0]),
      layer('dense_1', 'dense 10', [10], [13_530, 13_520]),
    ],
    parameters: 13_602,
    multiplyAdds: 62_192,
  });
});

test.each([
  [['--arch', 'cnm'], 'unknown architecture "cnm", expected one of '],
  [
    ['--model', 'net', '--arch', 'cnn'],
    '--arch needs --weights or --untrained: a model folder records its own',
  ],
  [['--untrained'], '--untrained needs the name of the network: --arch'],
])('inspect refuses %j', async (words, message) => {
  const { exit, stderr } = await inspect(...words);
  expect([exit, stderr.slice(0, 11 + message.length)]).toEqual([2, `mnist-cnn: ${message}`]);
});

test('inspect without a model says how to get one', async () => {
  const { exit, stderr } = await inspect();
  expect([exit, stderr.split('\n')]).toEqual([
    66,
    [
      'mnist-cnn: no model found in models/net: model.json does not exist',
      '  file: models/net/model.json',
      '  Train one first, or name its folder with --model.',
      '    mnist-cnn train',
      '',
    ],
  ]);
});

describe('inspect --filters', () => {
  let result: CliResult;

  beforeAll(async () => {
    const words = ['--filters', '--arch', 'convnet', '--untrained', '--out-dir', 'pictures'];
    result = await inspect(...words);
  });

  test('says of each convolution how many filters it has over how many channels', () => {
    expect(result.stdout.match(/^conv2d_.*$/gm)).toEqual([
      'conv2d_1: 4 filters of 5 x 5 over 1 input channel',
      'conv2d_2: 8 filters of 5 x 5 over 4 input channels',
    ]);
  });

  test('writes two pictures for each and says so', () => {
    const files = ['conv2d_1', 'conv2d_2'].flatMap((name) => [`filters-${name}.svg`, `filters-${name}.png`]);
    expect([
      result.exit,
      result.stderr.split('\n')[0],
      fs.readdirSync(path.join(folder, 'pictures')),
    ]).toEqual([0, `wrote ${files.map((file) => `pictures/${file}`).join(', ')}`, files.toSorted()]);
  });
});

test('inspect --filters --json gives the weights as [filter][channel][row][column]', async () => {
  const { stdout } = await inspect('--filters', '--layer', '3', '--arch', 'convnet', '--untrained', '--json');
  const { layers, files } = JSON.parse(stdout);
  expect([layers[0].name, layers[0].shape, sizesOf(layers[0].filters), files]).toEqual([
    'conv2d_2',
    [5, 5, 4, 8],
    [8, 4, 5, 5],
    [],
  ]);
});

test('inspect --filters names the convolutions where --layer is none', async () => {
  const { exit, stderr } = await inspect('--filters', '--layer', 'dense_1', '--arch', 'cnn', '--untrained');
  expect([exit, stderr]).toEqual([
    2,
    'mnist-cnn: --layer is "dense_1", expected a convolution: conv2d_1 (1), conv2d_2 (3)\n    mnist-cnn inspect --arch cnn --untrained\n',
  ]);
});

describe('inspect --maps', () => {
  const words = ['--maps', '--arch', 'conv3x3', '--untrained', '--out-dir', 'maps'];
  let result: CliResult;

  beforeAll(async () => {
    result = await inspect(...words, '--dataset', digits, '--index', '7');
  });

  test('names the image, each layer with its shape, and the reading', () => {
    expect(result.stdout.match(/^(test image|conv2d|max_pooling|read as).*$/gm)).toEqual([
      expect.stringMatching(/^test image 7, label \d$/),
      'conv2d_1, 26 x 26 x 8: conv2d 8 (3x3, valid)',
      'max_pooling2d_1, 13 x 13 x 8: max-pool 2x2',
      expect.stringMatching(/^read as \d \(\d+\.\d %\)$/),
    ]);
  });

  test('writes its picture and says so', () => {
    expect([result.exit, result.stderr.split('\n')[0], fs.readdirSync(path.join(folder, 'maps'))]).toEqual([
      0,
      'wrote maps/maps-test-7.svg, maps/maps-test-7.png',
      ['maps-test-7.png', 'maps-test-7.svg'],
    ]);
  });

  test('refuses an image that is not there', async () => {
    const { exit, stderr } = await inspect(...words, '--dataset', digits, '--index', '30');
    expect([exit, stderr]).toEqual([
      2,
      'mnist-cnn: --index is 30, but the test images are numbered from 0 to 29\n',
    ]);
  });

  test('refuses a network that takes two digits', async () => {
    const adder = ['--maps', '--arch', 'adder', '--untrained', '--dataset', digits];
    const { exit, stderr } = await inspect(...adder);
    expect([exit, stderr]).toEqual([
      2,
      'mnist-cnn: the network adder takes 28 x 56 x 1 values, but one digit has 28 x 28 x 1\n',
    ]);
  });
});

describe('inspect --maps --image', () => {
  const words = ['--maps', '--arch', 'conv3x3', '--untrained', '--json'];

  test('reads a picture without any data set', async () => {
    fs.writeFileSync(path.join(folder, 'seven.png'), encodePng(drawSeven()));
    const nowhere = ['--data-dir', 'nowhere', '--offline', '--layer', 'max_pooling2d_1'];
    const { stdout } = await inspect(...words, '--image', 'seven.png', ...nowhere);
    const { image, ranking, layers } = JSON.parse(stdout);
    expect([image, ranking.length, layers[0].name, layers[0].shape, sizesOf(layers[0].values)]).toEqual([
      'seven.png',
      10,
      'max_pooling2d_1',
      [13, 13, 8],
      [13, 13, 8],
    ]);
  });

  test('says that a blank picture has no digit', async () => {
    const blank = { width: 40, height: 40, gray: new Uint8Array(1600).fill(255) };
    fs.writeFileSync(path.join(folder, 'blank.png'), encodePng(blank));
    const { exit, stderr } = await inspect('--maps', '--arch', 'cnn', '--untrained', '--image', 'blank.png');
    expect([exit, stderr.split('\n')[0]]).toEqual([
      65,
      'mnist-cnn: no ink found in blank.png: there is no digit to inspect',
    ]);
  });

  test('and --index cannot be used together', async () => {
    const { exit, stderr } = await inspect(...words.slice(0, -1), '--image', 'seven.png', '--index', '3');
    expect([exit, stderr.split('\n')[0]]).toEqual([
      2,
      'mnist-cnn: --image and --index cannot be used together',
    ]);
  });
});

test('inspect shows one view at a time', async () => {
  const { exit, stderr } = await inspect('--filters', '--maps');
  expect([exit, stderr]).toEqual([
    2,
    'mnist-cnn: --filters and --maps cannot be used together\n    mnist-cnn inspect --help\n',
  ]);
});

/** How long an array is, and the arrays in it. */
function sizesOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? [value.length, ...sizesOf(value[0])] : [];
}

function layer(name: string, words: string, outputShape: number[], [parameters, multiplyAdds]: number[]) {
  return { name, layer: words, outputShape, parameters, multiplyAdds };
}
