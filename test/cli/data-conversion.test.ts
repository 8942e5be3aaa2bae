import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { programFile, runCli } from '../support/run-cli.ts';

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import numpy']).status === 0);

/** What `show` says of data, and what comes out where its last line is run by a shell. */
async function follow(dataset: string, cwd: string) {
  const { exit, stderr } = await runCli(['show', '--dataset', dataset], { cwd });
  const command = stderr.trimEnd().split('\n').at(-1) ?? '';
  const run = command.replace('&& mnist-cnn', `&& "${process.execPath}" "${programFile}"`);
  const stdout = execFileSync('sh', ['-c', run], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { exit, shown: stdout.split('\n').slice(0, 3) };
}

describe.skipIf(python === undefined)(
  'the line of Python that an error ends with makes data that are read, of',
  () => {
    test('a CSV file with a header', async () => {
      const cwd = createTempFolder();
      const row = (label: number) => [label, ...new Uint8Array(784).fill(label * 20)].join();
      const rows = Array.from({ length: 70 }, (_, index) => row(index % 10));
      fs.writeFileSync(path.join(cwd, 'it\'s "mine".csv'), ['label,pixel0,pixel1', ...rows].join('\n'));
      expect(await follow('it\'s "mine".csv', cwd)).toMatchObject({
        exit: 65,
        shown: [
          'training  images 60 x 28 x 28, labels 60',
          'test      images 10 x 28 x 28, labels 10',
          'training image 0 is a 0',
        ],
      });
    });

    test('a folder with training examples alone', async () => {
      const folder = writeDigitsFolder(70, 3);
      for (const name of ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'])
        fs.rmSync(path.join(folder, name));
      const { exit, shown } = await follow(folder, createTempFolder());
      expect([exit, ...shown.slice(0, 2)]).toEqual([
        66,
        'training  images 60 x 28 x 28, labels 60',
        'test      images 10 x 28 x 28, labels 10',
      ]);
    });

    test('labels that are counted from 1', async () => {
      const folder = writeDigitsFolder(70, 30);
      for (const name of ['train-labels-idx1-ubyte', 't10k-labels-idx1-ubyte']) {
        const bytes = fs.readFileSync(path.join(folder, name));
        fs.writeFileSync(
          path.join(folder, name),
          bytes.map((byte, index) => (index < 8 ? byte : byte + 1)),
        );
      }
      const { exit, shown } = await follow(folder, createTempFolder());
      expect([exit, ...shown.slice(0, 2)]).toEqual([
        65,
        'training  images 70 x 28 x 28, labels 70',
        'test      images 30 x 28 x 28, labels 30',
      ]);
    });
  },
);

test('a folder with data deeper inside is answered with the command that reads them', async () => {
  const cwd = createTempFolder();
  fs.cpSync(writeDigitsFolder(12, 3), path.join(cwd, 'unpacked', 'digits'), { recursive: true });
  const { exit, stderr } = await runCli(['show', '--dataset', 'unpacked'], { cwd });
  expect([exit, ...stderr.trimEnd().split('\n')]).toEqual([
    65,
    'mnist-cnn: cannot read unpacked as data: it holds digits, a folder of IDX files, expected a folder of IDX files or a NumPy archive (*.npz)',
    `  file: ${path.join(fs.realpathSync(cwd), 'unpacked', 'digits')}`,
    '  Name that folder:',
    '    mnist-cnn show --dataset unpacked/digits',
  ]);
});
