import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { transposeImages } from '../../src/data/orientation.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { runWarm } from '../support/warm-cli.ts';

const upright = writeDigitsFolder(300, 100);

/** The same digits under EMNIST's names, on their side. */
function writeEmnist(): string {
  const folder = path.join(createTempFolder(), 'em nist');
  fs.mkdirSync(folder);
  for (const name of fs.readdirSync(upright)) {
    const bytes = fs.readFileSync(path.join(upright, name));
    const turned = name.includes('images')
      ? Buffer.concat([bytes.subarray(0, 16), transposeImages(bytes.subarray(16))])
      : bytes;
    fs.writeFileSync(path.join(folder, `emnist-digits-${name.replace('t10k', 'test')}`), turned);
  }
  return folder;
}

const show = async (words: readonly string[]) => {
  const { exit, stdout, stderr } = await runWarm(['show', ...words]);
  return {
    exit,
    stdout,
    warnings: stderr
      .split('\n')
      .filter((line) => !line.startsWith('next: '))
      .slice(0, -1),
  };
};

describe("EMNIST's digits", () => {
  const folder = writeEmnist();

  test('are read with a warning that says how they lie, and what shows it', async () => {
    const { exit, warnings } = await show(['--dataset', folder]);
    expect([exit, ...warnings]).toEqual([
      0,
      `mnist-cnn: warning: the training and test images are transposed, as EMNIST's are: --transpose turns them upright`,
      `    mnist-cnn show --dataset '${folder}' --split train --index 0`,
    ]);
  });

  test('are those of the upright folder with --transpose, without a warning', async () => {
    const [turned, given] = [
      await show(['--dataset', folder, '--transpose']),
      await show(['--dataset', upright]),
    ];
    expect(turned).toEqual(given);
  });

  test('are turned in a training, when it continues and when it is measured; other digits are not', async () => {
    const cwd = createTempFolder();
    const train = (words: readonly string[]) =>
      runWarm(['train', '--batch-size=50', '-q', ...words], { cwd });
    const first = await train(['--dataset', folder, '--transpose', '--max-steps=2', '--out=net']);
    const config = JSON.parse(fs.readFileSync(path.join(cwd, 'net', 'config.json'), 'utf8'));
    const resumed = await train(['--resume=net', '--max-steps=4']);
    expect([first.exit, config.options.transpose, resumed.exit, resumed.stderr]).toEqual([0, true, 0, '']);
    const measure = async (words: readonly string[]) =>
      (await runWarm(['eval', '--model=net', ...words], { cwd })).stderr
        .split('\n')
        .filter((line) => /warning|trained/.test(line));
    expect(await measure([])).toEqual([]);
    expect(await measure(['--dataset', upright])).toEqual([
      `measuring on ${upright}; net was trained on ${folder}`,
    ]);
    for (const name of ['config.json', 'log.jsonl']) fs.rmSync(path.join(cwd, 'net', name));
    expect(await measure([])).toEqual([]);
  });
});

test('upright digits with --transpose are reported as transposed', async () => {
  const { warnings } = await show(['--dataset', upright, '--transpose']);
  expect(warnings).toEqual([
    `mnist-cnn: warning: the training and test images are transposed now: --transpose has turned upright images on their side; leave it out`,
    `    mnist-cnn show --dataset ${upright} --transpose --split train --index 0`,
  ]);
});
