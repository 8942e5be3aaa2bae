import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTempFolder, readTree } from '../support/folder.ts';
import { changeJson, changeManifest, weightsFileOf } from '../support/model-folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { runWarm } from '../support/warm-cli.ts';

const cwd = createTempFolder();
const golden = fileURLToPath(new URL('../golden/model-v1', import.meta.url));
const folderOf = (name: string) => path.join(cwd, name);

/** What is done to a whole model folder, and the first line that is said of it. */
interface Damage {
  readonly row: string;
  readonly name: string;
  readonly damage: (folder: string) => void;
  readonly first: string;
}

const damages: readonly Damage[] = [
  {
    row: 'D10',
    name: 'bytes',
    damage: (folder) => fs.truncateSync(path.join(folder, weightsFileOf(folder)), 4000),
    first: 'cannot read the weights: 4,000 bytes, expected 54,408',
  },
  {
    row: 'D11',
    name: 'missing',
    damage: (folder) =>
      changeManifest(folder, ({ paths, weights }) => ({ paths, weights: weights.slice(1) })),
    first: 'cannot read the weights: 2 arrays, expected 3',
  },
  {
    row: 'D12',
    name: 'deep',
    damage: (folder) =>
      fs.writeFileSync(
        path.join(folder, 'model.json'),
        `{"__proto__":{"x":1},"modelTopology":${'['.repeat(1e5)}${']'.repeat(1e5)},"weightsManifest":[]}`,
      ),
    first: 'cannot read model.json: modelTopology: Invalid input',
  },
  {
    row: 'D13',
    name: 'nan',
    damage: (folder) => {
      const bytes = fs.readFileSync(path.join(folder, weightsFileOf(folder)));
      bytes.writeFloatLE(Number.NaN, 8);
      fs.writeFileSync(path.join(folder, 'weights.bin'), bytes);
      changeManifest(folder, (group) => ({ ...group, paths: ['weights.bin'] }));
    },
    first:
      'these are not weights for the network unnamed: conv2d_1/kernel[2] is NaN, expected finite numbers',
  },
  {
    row: 'D3',
    name: 'flipped',
    damage: (folder) => {
      const file = path.join(folder, weightsFileOf(folder));
      const bytes = fs.readFileSync(file);
      bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
      fs.writeFileSync(file, bytes);
    },
    first:
      'cannot read weights-b8d1c54cd129.bin: its SHA-256 begins with 7ac26e298c63, not with b8d1c54cd129 as when it was saved',
  },
  {
    row: 'D14',
    name: 'lambda',
    damage: (folder) =>
      changeJson(folder, (json) => ({
        ...json,
        modelTopology: {
          class_name: 'Sequential',
          config: [{ class_name: 'Lambda', config: { name: 'x' } }],
        },
      })),
    first: 'cannot read model.json: layer 1 (Lambda) is not supported',
  },
  {
    row: 'D15',
    name: 'parent',
    damage: (folder) => changeManifest(folder, (group) => ({ ...group, paths: ['../secret'] })),
    first: 'cannot read model.json: the weights path "../secret" leaves the model folder',
  },
  {
    row: 'D15',
    name: 'pipe',
    damage: (folder) => replaceWeights(folder, (file) => execFileSync('mkfifo', [file])),
    first: 'cannot read model.json: the weights path "weights-b8d1c54cd129.bin" is not a regular file',
  },
  ...(
    [
      ['80049528', 'probably a Python pickle'],
      ['894844460d0a1a0a', 'an HDF5 file'],
      ['504b03041400', 'a ZIP file, as PyTorch and Keras write them'],
    ] as const
  ).map(([hex, kind], index) => ({
    row: 'D16',
    name: `foreign${index}`,
    damage: (folder: string) => {
      fs.rmSync(folder, { recursive: true });
      fs.writeFileSync(folder, Buffer.from(hex, 'hex'));
    },
    first: `cannot read foreign${index} as a model: it is ${kind}, expected a folder with a model.json`,
  })),
  {
    row: 'D16',
    name: 'saved-model',
    damage: (folder) => {
      fs.rmSync(path.join(folder, 'model.json'));
      fs.writeFileSync(path.join(folder, 'saved_model.pb'), '');
    },
    first:
      'cannot read saved-model as a model: it is a SavedModel of TensorFlow, expected a folder with a model.json',
  },
  {
    row: 'D17',
    name: 'newer',
    damage: (folder) => {
      const file = path.join(folder, 'metadata.json');
      const metadata = JSON.parse(fs.readFileSync(file, 'utf8')) as object; // of the golden model
      fs.writeFileSync(file, JSON.stringify({ ...metadata, format: 2 }));
    },
    first: 'cannot read metadata.json: it has format version 2, but this tool reads up to 1',
  },
];

function replaceWeights(folder: string, put: (file: string) => void): void {
  const file = path.join(folder, weightsFileOf(folder));
  fs.rmSync(file);
  put(file);
}

const predict = (model: string) => runWarm(['predict', '--model', model, 'seven.png'], { cwd });

function readFiles(folder: string): string {
  return fs.statSync(folder).isDirectory()
    ? JSON.stringify(readTree(folder))
    : fs.readFileSync(folder, 'hex');
}

beforeAll(() => {
  fs.writeFileSync(folderOf('seven.png'), encodePng(drawSeven(60, 80)));
  fs.writeFileSync(folderOf('secret'), 'not to be opened');
});

describe.concurrent('predict with a model that is', () => {
  test('of version 1, which an earlier release has written, reads a digit (D18)', async () => {
    const { exit, stdout } = await predict(golden);
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^seven\.png: (unsure \(no digit\), )?\d/)]);
  });

  test.each(damages.map((each) => [each.name, each.row, each] as const))(
    'damaged (%s) is refused and left as it is (%s)',
    async (name, _, { damage, first }) => {
      const folder = folderOf(name);
      fs.cpSync(golden, folder, { recursive: true });
      damage(folder);
      const before = readFiles(folder);
      const { exit, stdout, stderr } = await predict(name);
      expect([exit, stdout, stderr.split('\n')[0]]).toEqual([65, '', `mnist-cnn: ${first}`]);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stderr.includes('\n  Supported layers: Conv2D, MaxPooling2D, ')).toBe(name === 'lambda');
      expect(readFiles(folder)).toBe(before);
    },
  );
});

test('an architecture file with an unknown layer is refused, and the known ones are named (D14)', async () => {
  fs.writeFileSync(folderOf('net.json'), '{"layers": [{"type": "lambda"}]}');
  const { exit, stderr } = await runWarm(['train', '--arch=net.json', '--dataset=synthetic'], { cwd });
  expect([exit, stderr.split('\n')[0]]).toEqual([
    65,
    'mnist-cnn: net.json:1:22: layer 1: unknown type, expected one of conv2d, maxPooling2d, averagePooling2d, flatten, dense, activation, batchNormalization, dropout',
  ]);
});

test('an unknown network is a matter of the flag, and the known ones are named (D14)', async () => {
  const { exit, stderr } = await runWarm(['train', '--arch=lenet', '--dataset=synthetic'], { cwd });
  expect([exit, stderr]).toEqual([
    2,
    'mnist-cnn: unknown architecture "lenet", expected one of cnn, cnn-deep, cnn-dropout, cnn-large, cnn-small, conv3x3, convnet, adder, or a file *.json or *.yaml\n',
  ]);
});
