import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMemoryFolder } from '../support/folder.ts';
import { preload, runCli } from '../support/run-cli.ts';
import { fingerprint, goOn, listCheckpoints, prepareTinyTraining } from '../support/tiny-training.ts';

const grounds = createMemoryFolder();
const words = prepareTinyTraining(grounds, ['--out=models/net', '--epochs=4', '--eval-every=3']);
const whole = path.join(grounds, 'models', 'net');

/** Trains, and has a shell do something when the second log point, of step 3, is about to be written. */
async function disturb(action: string, at = 'appendFileSync 2 results') {
  const cwd = createMemoryFolder();
  const result = await runCli(words, {
    cwd,
    env: { KILL_AT: at, KILL_BY: action },
    nodeFlags: preload('kill-at-call'),
  });
  const told = result.stderr.slice(result.stderr.indexOf('\nmnist-cnn: ') + 1);
  return { ...result, cwd, folder: path.join(cwd, 'models', 'net'), told };
}

beforeAll(async () => {
  expect((await runCli(words, { cwd: grounds })).exit).toBe(0);
});

describe.concurrent.each([
  ['moved away', 'mv models/net models/elsewhere', 'appendFileSync 2 results', 3],
  ['removed with the one around it', 'rm -r models', 'appendFileSync 2 results', 3],
  ['removed during a save', 'rm -r models/net', 'renameSync 2 \\.ckpt$', 6],
] as const)('a model folder that is %s', (_, action, at, step) => {
  test('ends the training with 74 and is made again, once, with the state at hand, which leads to the same bits (G5)', async () => {
    const { exit, told: error, cwd, folder } = await disturb(action, at);
    expect([exit, error, listCheckpoints(folder)]).toEqual([
      74,
      [
        `mnist-cnn: the model folder net was removed or moved during training, at step ${step}`,
        '  file: models/net',
        '  Its earlier checkpoints are lost. The state of this step was saved in a new folder; resume with:',
        '    mnist-cnn train --resume models/net',
        '',
      ].join('\n'),
      [step],
    ]);
    const told = await goOn(cwd, ['train', '--resume', 'models/net']);
    expect(told).toContain(`resuming after step ${step}\n`);
    expect(fingerprint(folder)).toEqual(fingerprint(whole));
  });
});

test.concurrent('a model folder that is moved before the first step ends the training with 74, too (G5)', async () => {
  const { exit, told } = await disturb('mv models/net models/elsewhere', 'appendFileSync 1 results');
  expect([exit, told]).toEqual([
    74,
    'mnist-cnn: the model folder net was removed or moved during training, at step 0\n  file: models/net\n  Everything that this run had saved was in it.\n',
  ]);
});

test.concurrent('a model folder that cannot be made again is reported with the reason (G5)', async () => {
  const { exit, told, folder } = await disturb('rm -r models/net && echo mine > models/net');
  expect([exit, told.split('\n')[2], fs.readFileSync(folder, 'utf8')]).toEqual([
    74,
    '  It could not be created again: cannot create net: it exists already (EEXIST). Everything that this run did is lost.',
    'mine\n',
  ]);
});

test.concurrent('another run that has taken the place is left alone (G5)', async () => {
  const { exit, told, folder } = await disturb(`mv models/net models/net-1 && cp -r ${whole} models/net`);
  expect([exit, told.split('\n')[2]]).toEqual([
    74,
    '  Another run is in that folder now and is left alone. What this run did since its last checkpoint is lost.',
  ]);
  expect(fingerprint(folder)).toEqual(fingerprint(whole));
});
