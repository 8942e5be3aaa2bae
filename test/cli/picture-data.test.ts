import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSmallSplits } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { encodePng } from '../support/pictures.ts';
import { runWarm } from '../support/warm-cli.ts';

let cwd = '';

const run = (...words: readonly string[]) => runWarm(words, { cwd });
const place = (name: string, bytes: Uint8Array | string) =>
  fs.writeFileSync(path.join(cwd, 'own', name), bytes);

/** Six pictures of each digit, the last one of them in natural order being `6.png`. */
beforeEach(() => {
  cwd = createTempFolder();
  const { images, labels } = createSmallSplits(400, 1).train;
  for (let digit = 0; digit < 10; digit++) {
    fs.mkdirSync(path.join(cwd, 'own', String(digit)), { recursive: true });
    const indices = [...labels.keys()].filter((index) => labels[index] === digit).slice(0, 6);
    indices.forEach((index, at) => {
      const gray = images.subarray(index * 784, (index + 1) * 784);
      place(`${digit}/${at + 1}.png`, encodePng({ width: 28, height: 28, gray }));
    });
  }
});

describe('a folder of pictures by class', () => {
  test('is shown, with its split', async () => {
    const { exit, stdout, stderr } = await run('show', '--dataset=own', '--index=13');
    expect([exit, stderr, stdout.split('\n').slice(0, 3)]).toEqual([
      0,
      'own has no folder test: every fifth picture of each class is a test image, 10 of 60\n' +
        'next: mnist-cnn train --dataset own\n',
      [
        'training  images 50 x 28 x 28, labels 50',
        'test      images 10 x 28 x 28, labels 10',
        'training image 13 is a 3',
      ],
    ]);
  });

  test('is trained on, and remembered by the model', async () => {
    const { exit, stderr } = await run('train', '--dataset=own', '--arch=conv3x3', '--batch-size=10');
    expect([exit, stderr]).toEqual([0, expect.stringContaining('50 training, 0 validation, 10 test images')]);
    const evaluated = await run('eval', '--json');
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ images: 10 });
  });

  test('with a picture that cannot be read is refused, with a command that leaves it out (A29)', async () => {
    fs.truncateSync(path.join(cwd, 'own/3/2.png'), 80);
    const { exit, stderr } = await run('show', '--dataset=own');
    const command = 'mv own/3/2.png own/3/.2.png';
    expect([exit, stderr]).toEqual([
      65,
      'mnist-cnn: cannot read 2.png: the image ends early, after 80 bytes\n' +
        '  file: own/3/2.png\n' +
        '  It was probably copied or downloaded only in part; fetch or export it again.\n' +
        '  To leave it out:\n' +
        `    ${command}\n`,
    ]);
    execFileSync('sh', ['-c', command], { cwd });
    const again = await run('show', '--dataset=own');
    expect([again.exit, again.stderr]).toEqual([
      0,
      expect.stringContaining(
        'mnist-cnn: warning: not pictures in folders 0 to 9, and left out: own/3/.2.png\n',
      ),
    ]);
  });

  test('with other files and without a class is read with warnings (A30)', async () => {
    place('.DS_Store', '');
    place('3/notes.txt', 'text');
    fs.rmSync(path.join(cwd, 'own/7'), { recursive: true });
    const { exit, stderr } = await run('show', '--dataset=own');
    expect([exit, stderr.split('\n').filter((line) => line.includes('warning'))]).toEqual([
      0,
      [
        'mnist-cnn: warning: not pictures in folders 0 to 9, and left out: own/.DS_Store, own/3/notes.txt',
        'mnist-cnn: warning: there is no example of the digit 7 among 45 labels',
        'mnist-cnn: warning: there is no example of the digit 7 among 9 labels',
      ],
    ]);
  });

  test('with too few pictures is refused (A31)', async () => {
    for (const digit of '0123456789') {
      for (const name of ['5', '6']) fs.rmSync(path.join(cwd, 'own', digit, `${name}.png`));
    }
    const { exit, stderr } = await run('show', '--dataset=own');
    expect([exit, stderr]).toEqual([
      66,
      'mnist-cnn: cannot read own: there is nothing to test by, no class has 5 pictures\n' +
        '  file: own\n' +
        '  Of each class, every fifth picture is for testing. Add pictures, or put those for testing into own/test, in folders 0 to 9.\n',
    ]);
  });
});
