import { expect, test } from 'vitest';
import { createMemoryFolder } from '../support/folder.ts';
import { isTerminalMissing } from '../support/terminal.ts';
import { trainAlike } from './determinism.ts';
import { failEachCall } from './faults.ts';
import { interruptCommands } from './interrupts.ts';
import { killAtRandom } from './kills.ts';
import { downloadFromBadMirrors } from './network.ts';
import { readDuringSaves } from './reads.ts';
import { stopAndGoOn } from './resume.ts';
import { prepareSmallTraining } from './small-training.ts';
import { toxics } from './toxics.ts';

// Short forms of `npm run soak`: the same trials, fewer of them.

test('kill -9 at 8 random times loses nothing that was reported as saved, and the end has the same bits (H5)', async () => {
  const plan = { folder: createMemoryFolder(), cycles: 8, minutes: 5, epochs: 20, lanes: 2, seed: 1 };
  const { tried, lost } = await killAtRandom(plan);
  expect(lost).toEqual([]);
  // The last two may come at once, one in each lane.
  expect([8, 9]).toContain(tried['kills']);
}, 300_000);

test('a full disk and kill -9 at every fortieth call of a training lose nothing, and the end has the same bits (G1, D5)', async () => {
  const plan = { first: 5, every: 40, epochs: 1, errnos: ['ENOSPC', 'KILL'], modes: ['forever'], lanes: 2 };
  const { tried, lost } = await failEachCall({ folder: createMemoryFolder(), ...plan });
  expect(lost).toEqual([]);
  expect(tried['trials']).toBeGreaterThan(4);
}, 300_000);

test('a model and its checkpoints are whole, old or new, whenever they are read during saves (J6)', async () => {
  const { tried, lost } = await readDuringSaves(createMemoryFolder(), 100);
  expect([lost, tried['reads by the program']]).toEqual([[], 1]);
  expect(tried['models seen']).toBeGreaterThan(5);
}, 300_000);

test('Ctrl-C, SIGTERM and kill -9 at random times lead to the same bits, and to others without the optimizer state (D31)', async () => {
  const plan = { stops: 3, kernels: 'fused', epochs: 2, lanes: 2, seed: 1 } as const;
  const { tried, lost } = await stopAndGoOn({ folder: createMemoryFolder(), ...plan });
  expect(lost).toEqual([]);
  expect(tried['of these on fused ops resumed from weights alone']).toBeGreaterThan(0);
}, 300_000);

test('the same seed gives the program the same bits, another seed others (I7)', async () => {
  const folder = createMemoryFolder();
  const words = prepareSmallTraining(folder, 'fused', ['--epochs=1']);
  const { tried, lost } = await trainAlike({ folder, name: 'convnet', words, runs: 2, threads: [] });
  expect([lost, tried['runs of two seeds with the same bits (convnet)']]).toEqual([[], 4]);
}, 300_000);

test('what one of three mirrors serves right comes, and nothing wrong is accepted, whatever the others do (B2, B13)', async () => {
  const plan = { toxics, files: 1, mirrors: 3, seeds: 1, firstSeed: 1000, lanes: 24, deadlineMs: 60_000 };
  const { tried, lost } = await downloadFromBadMirrors({ folder: createMemoryFolder(), ...plan });
  expect([lost, tried['downloads']]).toEqual([[], toxics.length * 3]);
  expect(tried['bad answers']).toBeGreaterThan(toxics.length * 3);
}, 300_000);

test.skipIf(isTerminalMissing)(
  'Ctrl-C in a terminal is answered and ends train, predict and download in time (H1, H8, B18)',
  async () => {
    const plan = { times: 1, commands: ['train', 'predict', 'download'], wordsMs: 2000, seed: 1 };
    const { tried, lost } = await interruptCommands({ folder: createMemoryFolder(), ...plan });
    expect([lost, tried['Ctrl-C in download']]).toEqual([[], 1]);
  },
  300_000,
);
