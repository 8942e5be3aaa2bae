import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadMetadata } from '../../src/model/saved-model.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliOptions, preload, runCli } from '../support/run-cli.ts';
import { hashRun, readTable } from '../support/run-hash.ts';
import { fingerprint, prepareTinyTraining } from '../support/tiny-training.ts';
import { runWarm } from '../support/warm-cli.ts';

/** A folder with data, the network `tiny` in a file, a model of it in `base`, and one of `conv3x3` in `other`. */
let folder = '';
let words: readonly string[] = [];

const run = (...more: readonly string[]) => runWarm(more, { cwd: folder });
const inFolder = (...parts: readonly string[]) => path.join(folder, ...parts);
const json = (file: string): Readonly<Record<string, unknown>> => JSON.parse(fs.readFileSync(file, 'utf8'));

beforeAll(async () => {
  folder = createTempFolder();
  words = prepareTinyTraining(folder);
  const [verb = '', dataset = '', arch = ''] = words;
  const made = [
    await run(...words, '--out=base', '--epochs=20', '--lr=0.01', '--eval-images=20', '--seed=3'),
    await run(verb, dataset, '--arch=conv3x3', '--batch-size=20', '--out=other'),
  ];
  expect(made.map(({ exit, stderr }) => (exit === 0 ? 0 : stderr))).toEqual([0, 0]);
  // From here on, the network comes from the model alone.
  words = words.filter((word) => word !== arch);
});

/** Two epochs of three steps that start from `base`, with validation and dropout. */
const tune = (cwd: string, more: readonly string[] = [], options: CliOptions = {}) =>
  runCli(
    [...words, `--init=${inFolder('base')}`, '--epochs=2', '--eval-every=1', '--validation=10', ...more],
    { cwd, ...options },
  );

const killAt = (call: string): CliOptions => ({
  env: { KILL_AT: call },
  nodeFlags: preload('kill-at-call'),
});

describe('mnist-cnn train --init', () => {
  test('starts with the accuracy of the model that it names', async () => {
    await run(...words, '--init=base', '--out=tuned', '--eval-images=20');
    const { stdout } = await run('eval', '--model=base', '--json', '--out-dir=elsewhere');
    const [, first = ''] = readTable(inFolder('tuned'));
    const { accuracy } = JSON.parse(stdout) as { readonly accuracy: number };
    expect([first.split(',').at(-1), accuracy > 0.3]).toEqual([String(accuracy), true]);
  });

  test('records the folder and the hash of the weights', async () => {
    const sha256 = loadMetadata(inFolder('base'))?.weightsSha256;
    await run(...words, '--init=base', '--out=recorded', '--max-steps=1');
    expect(json(inFolder('recorded', 'config.json'))).toMatchObject({
      options: { init: 'base' },
      paths: { init: '../base' },
      init: { folder: 'base', sha256 },
    });
  });

  test('records where the model is now if its folder was to be written to', async () => {
    fs.cpSync(inFolder('base'), inFolder('again'), { recursive: true });
    const { stderr } = await run(...words, '--init=again', '--out=again', '--max-steps=1');
    expect(stderr).toContain('moved the earlier run to again-1\n');
    expect(json(inFolder('again', 'config.json'))).toMatchObject({
      options: { init: 'again-1' },
      init: { folder: 'again-1' },
    });
  });

  test('trains the network that ships', async () => {
    const pretrained = path.join(import.meta.dirname, '../../models/pretrained');
    const { exit, stderr } = await run(...words, '--init', pretrained, '--dry-run');
    expect([exit, stderr]).toEqual([0, expect.stringContaining('network cnn-deep: 467,818 parameters\n')]);
  });

  test('keeps the weights that it started with if all others are worse by validation', async () => {
    const { exit, stdout } = await run(
      ...words,
      '--init=base',
      '--out=kept',
      '--validation=20',
      '--lr=100',
      '--optimizer=sgd',
    );
    expect([exit, stdout]).toEqual([0, expect.stringContaining(', kept the weights of step 0: ')]);
    expect(loadMetadata(inFolder('kept'))?.weightsSha256).toBe(loadMetadata(inFolder('base'))?.weightsSha256);
  });
});

describe.each(['fused', 'stock'])('a run with --init on the %s ops that was killed', (kernels) => {
  const options = [`--kernels=${kernels}`];
  let whole = '';

  beforeAll(async () => {
    whole = createTempFolder();
    expect((await tune(whole, options)).exit).toBe(0);
  });

  test('before its first step ends with the same bits, without the model it started from (D33)', async () => {
    const cwd = createTempFolder();
    fs.cpSync(inFolder('base'), path.join(cwd, 'base'), { recursive: true });
    const stopped = await tune(cwd, [...options, '--init=base'], killAt('appendFileSync 1 results\\.csv$'));
    expect(stopped.signal).toBe('SIGKILL');
    fs.rmSync(path.join(cwd, 'base'), { recursive: true });
    const resumed = await runWarm(['train', '--resume=net'], { cwd });
    expect([resumed.exit, resumed.stderr]).toEqual([
      0,
      expect.stringContaining('\nstarting over at step 0\n'),
    ]);
    const [own, expected] = [path.join(cwd, 'net'), path.join(whole, 'net')];
    expect([fingerprint(own), hashRun(own)]).toEqual([fingerprint(expected), hashRun(expected)]);
  });
});

describe('a run with --init', () => {
  test('that was killed before its config was written is none to resume (D33)', async () => {
    const cwd = createTempFolder();
    expect((await tune(cwd, [], killAt('renameSync 1 config\\.json$'))).signal).toBe('SIGKILL');
    const { exit, stderr } = await runWarm(['train', '--resume=net'], { cwd });
    expect([exit, stderr.split('\n')[0]]).toEqual([66, 'mnist-cnn: no run to resume in net']);
  });

  test('is not started over with random weights once its checkpoints are gone (D34)', async () => {
    await run(...words, '--init=base', '--out=bare', '--max-steps=1');
    fs.rmSync(inFolder('bare', 'checkpoints'), { recursive: true });
    const { exit, stderr } = await run('train', '--resume=bare');
    expect([exit, stderr.slice(stderr.indexOf('mnist-cnn: '))]).toEqual([
      66,
      'mnist-cnn: no checkpoint is left in bare, not even that of step 0 with the weights it started from\n' +
        '  file: bare\n' +
        '  They came from base. To start a new run from there:\n' +
        '    mnist-cnn train --init base --out bare\n',
    ]);
  });

  test('resumes without --init', async () => {
    await run(...words, '--init=base', '--out=both', '--max-steps=1');
    const { exit, stderr } = await run('train', '--resume=both', '--init=base');
    expect([exit, stderr]).toEqual([
      2,
      'mnist-cnn: --init and --resume cannot be used together\n' +
        '  A run resumes from its own checkpoint:\n' +
        '    mnist-cnn train --resume both\n',
    ]);
  });
});

describe('mnist-cnn train --init refuses', () => {
  test('another network than the model has (D32)', async () => {
    const { exit, stderr } = await run(...words, '--init=other', '--arch=convnet');
    expect([exit, stderr]).toEqual([
      2,
      'mnist-cnn: other holds the network conv3x3, --arch is convnet: ' +
        'expected conv2d_1/kernel of 5 x 5 x 1 x 4, found conv2d_1/kernel of 3 x 3 x 1 x 8\n' +
        '  Weights fit their own network only.\n' +
        `    mnist-cnn train ${words.slice(1).join(' ').replaceAll('=', ' ')} --init other --arch conv3x3\n`,
    ]);
  });

  test('a network of the same name with another head, by its first weight that differs (D32)', async () => {
    const layers = [{ type: 'flatten' }, { type: 'dense', units: 19 }];
    fs.writeFileSync(inFolder('head.json'), JSON.stringify({ name: 'tiny', task: 'sum', layers }));
    const { exit, stderr } = await run(...words, '--init=base', '--arch=head.json');
    expect([exit, stderr.split('\n')[0]]).toEqual([
      2,
      'mnist-cnn: base holds the network tiny, --arch is tiny: ' +
        'expected dense_1/kernel of 1568 x 19, found dense_1/kernel of 784 x 10',
    ]);
  });

  test('a folder without a model (D32)', async () => {
    const { exit, stderr } = await run(...words, '--init=nothing');
    expect([exit, stderr]).toEqual([
      66,
      'mnist-cnn: no model found in nothing: model.json does not exist\n' +
        '  file: nothing/model.json\n' +
        '  Train one first, or name another folder with --init.\n' +
        '    mnist-cnn train --out nothing\n',
    ]);
  });

  test('a model whose network nothing names (D32)', async () => {
    fs.mkdirSync(inFolder('unnamed'));
    for (const name of fs
      .readdirSync(inFolder('base'))
      .filter((each) => /^(model\.json|weights-.*)$/.test(each))) {
      fs.copyFileSync(inFolder('base', name), inFolder('unnamed', name));
    }
    const { exit, stderr } = await run(...words, '--init=unnamed');
    expect([exit, stderr]).toEqual([
      2,
      'mnist-cnn: cannot tell the network of unnamed: nothing there names it\n' +
        '  file: unnamed\n' +
        '  Name it with --arch: one of the built-in networks, or its file.\n',
    ]);
  });
});
