import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';
import { runWarm } from '../support/warm-cli.ts';

const mixed = `
name: mixed
layers:
  - { type: conv2d, filters: 4, kernelSize: 3, strides: 2, padding: 2, dilationRate: 2, activation: relu }
  - { type: maxPooling2d, poolSize: 2 }
  - { type: batchNormalization }
  - { type: conv2d, filters: 8, kernelSize: 3, padding: same, groups: 2, activation: tanh }
  - { type: flatten }
  - { type: dense, units: 10 }
`;

const train = (folder: string, ...more: readonly string[]) =>
  runWarm(['train', '--dataset', 'synthetic', '--eval-images', '100', ...more], { cwd: folder });

function createFolder(): string {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, 'mixed.yaml'), mixed);
  return folder;
}

test('a network from a file trains, and its model folder is measured without the file', async () => {
  const folder = createFolder();
  const trained = await train(folder, '--out', 'net', '--arch', 'mixed.yaml', '--max-steps', '60');
  expect(trained.exit, trained.stderr).toBe(0);
  fs.rmSync(path.join(folder, 'mixed.yaml'));
  const measured = await runWarm(
    ['eval', '--model', 'net', '--dataset', 'synthetic', '--images', '100', '--json'],
    { cwd: folder },
  );
  const last = fs.readFileSync(path.join(folder, 'net/log.jsonl'), 'utf8').trim().split('\n');
  const step = last.map((line) => JSON.parse(line) as { event: string; test?: { accuracy: number } });
  const { architecture, accuracy } = JSON.parse(measured.stdout) as {
    architecture: string;
    accuracy: number;
  };
  expect([architecture, accuracy]).toEqual([
    'mixed',
    step.findLast(({ event }) => event === 'step')?.test?.accuracy,
  ]);
});

test('a run continues with the network that its file held when it began, bit for bit', async () => {
  const [folder, other] = [createFolder(), createFolder()];
  await train(folder, '--out', 'net', '--arch', 'mixed.yaml', '--max-steps', '20');
  fs.writeFileSync(path.join(folder, 'mixed.yaml'), mixed.replace('filters: 8', 'filters: 16'));
  const resumed = await train(folder, '--resume', 'net', '--max-steps', '40');
  expect(resumed.exit, resumed.stderr).toBe(0);
  await train(other, '--out', 'net', '--arch', 'mixed.yaml', '--max-steps', '40');
  const weightsOf = (where: string) =>
    fs.readdirSync(path.join(where, 'net')).filter((name) => name.startsWith('weights-'));
  expect(weightsOf(folder)).toEqual(weightsOf(other));
});

test('a file with a mistake ends with 65 and the line', async () => {
  const folder = createFolder();
  fs.writeFileSync(path.join(folder, 'mixed.yaml'), mixed.replace('groups: 2', 'groups: 3'));
  const { exit, stderr } = await train(folder, '--out', 'net', '--arch', 'mixed.yaml');
  expect([exit, stderr.split('\n')[0]]).toEqual([
    65,
    'mnist-cnn: mixed.yaml: layer 4 (conv2d_2) has 3 groups, which do not divide its 4 input channels',
  ]);
});
