import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadMetadata } from '../../src/model/saved-model.ts';
import { createSmallSplits, writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const common = ['--batch-size=20', '--eval-every=2', '--eval-images=10'];
let dataset = '';

beforeAll(() => {
  dataset = writeDigitsFolder(100, 20);
});

const trainIn = (cwd: string, ...words: readonly string[]): Promise<CliResult> =>
  runWarm(['train', `--dataset=${dataset}`, ...common, ...words], { cwd });

describe('mnist-cnn train', () => {
  let cwd = '';
  let result: CliResult;
  const inModel = (name: string) => path.join(cwd, 'models', 'net', name);

  beforeAll(async () => {
    cwd = createTempFolder();
    result = await trainIn(cwd, '--epochs=2', '--validation=20', '--save-weights=alone.weights');
  });

  test('ends with exit 0 and the result on stdout', () => {
    expect(result.exit).toBe(0);
    expect(result.stdout).toMatch(
      /^trained 8 steps in [\d.]+ s(, kept the weights of step [0-7]:)?,? test accuracy \d+\.\d\d % on the first 10 test images, validation accuracy \d+\.\d\d %\nmodel: models\/net\nfirst test images, predicted:( \d){10}\nfirst test images, true:     ( \d){10}\n$/,
    );
  });

  test('ends with the first ten predictions next to the true digits', () => {
    const [, , predicted = '', real = ''] = result.stdout.split('\n').map((line) => line.split(':')[1]);
    expect(real.trim().split(' ').map(Number)).toEqual([
      ...createSmallSplits(100, 20).test.labels.subarray(0, 10),
    ]);
    expect(predicted.trim().split(' ')).toHaveLength(10);
  });

  test('prints the network, a line each log point and the next command on stderr', () => {
    expect(result.stderr).toContain('network cnn: 28,938 parameters\n');
    expect(result.stderr.match(/^step \d+\/8 /gm)).toEqual([
      'step 0/8 ',
      'step 2/8 ',
      'step 4/8 ',
      'step 6/8 ',
      'step 8/8 ',
    ]);
    expect(result.stderr).toMatch(/\nnext: mnist-cnn eval --model models\/net\n$/);
  });

  test('writes no escapes where stderr is not a terminal (F15)', () => {
    expect(result.stderr + result.stdout).not.toContain('\u001b');
  });

  test('leaves the model folder of the interface', () => {
    expect(
      readdirSync(inModel(''))
        .filter((name) => !name.startsWith('weights-'))
        .sort(),
    ).toEqual([
      'checkpoints',
      'config.json',
      'curves.png',
      'curves.svg',
      'log.jsonl',
      'metadata.json',
      'model.json',
      'results.csv',
    ]);
    expect(readdirSync(inModel('')).filter((name) => /^weights-[0-9a-f]{12}\.bin$/.test(name))).toHaveLength(
      1,
    );
  });

  test('leaves a model that is calibrated on its validation images', () => {
    expect(loadMetadata(inModel(''))?.calibration).toMatchObject({
      from: 'validation',
      images: 20,
      temperature: expect.any(Number),
    });
  });

  test('leaves no temperature where no images were held out', async () => {
    const folder = createTempFolder();
    await trainIn(folder, '--max-steps=2');
    const { calibration } = loadMetadata(path.join(folder, 'models', 'net')) ?? {};
    expect([calibration?.from, calibration?.images, calibration?.temperature]).toEqual([
      'training',
      100,
      undefined,
    ]);
  });

  test('writes a table with an empty cell where nothing was measured', () => {
    const rows = readFileSync(inModel('results.csv'), 'utf8').trimEnd().split('\n');
    expect(rows[0]).toBe('step,epoch,time,lr,train/loss,train/acc,val/loss,val/acc,test/loss,test/acc');
    expect(rows).toHaveLength(6);
    expect(rows[1]).toMatch(/^0,0,[\d.]+,0,,,[\d.]+,[\d.]+,[\d.]+,[\d.]+$/);
    expect(rows[2]).toMatch(/^2,0\.5,[\d.]+,0\.001(,[\d.]+){6}$/);
    expect(rows.join()).not.toMatch(/nan/i);
  });

  test('logs what happened, one event a line', () => {
    const events = readFileSync(inModel('log.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(events[0]).toMatchObject({ v: 1, event: 'started', architecture: 'cnn', trainImages: 80 });
    expect(events.at(-1)).toMatchObject({ v: 1, event: 'ended', reason: 'finished', step: 8 });
  });

  test('records options, versions, machine and data hashes', () => {
    const config: unknown = JSON.parse(readFileSync(inModel('config.json'), 'utf8'));
    expect(config).toMatchObject({
      format: 1,
      options: { epochs: 2, batchSize: 20, seed: 0, validation: 20 },
      data: { train: { images: 100 }, test: { images: 20 } },
      versions: { node: process.versions.node, tensorflow: '2.21.0', tfjs: '4.22.0' },
      machine: { platform: `${process.platform}-${process.arch}` },
    });
  });

  test('writes the weights alone, too', async () => {
    const words = ['eval', '--arch=cnn', '--weights=alone.weights', `--dataset=${dataset}`, '--json'];
    const alone = await runWarm(words, { cwd });
    const whole = await runWarm(['eval', `--dataset=${dataset}`, '--json'], { cwd });
    expect([alone.exit, whole.exit]).toEqual([0, 0]);
    expect(lossOf(alone)).toBe(lossOf(whole));
  });

  test('moves an earlier run aside and overwrites nothing (D22)', async () => {
    const before = readFileSync(inModel('model.json'), 'utf8');
    const again = await trainIn(cwd, '--epochs=1', '--seed=1');
    expect(again.stderr).toContain('moved the earlier run to models/net-1\n');
    expect(readFileSync(path.join(cwd, 'models/net-1/model.json'), 'utf8')).toBe(before);
    expect(readFileSync(inModel('results.csv'), 'utf8').split('\n')).toHaveLength(6);
  });

  test('gives one JSON object with --json and nothing else on stdout', async () => {
    const { stdout } = await trainIn(cwd, '--max-steps=1', '--json', '--quiet', '--out=models/json');
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'models/json',
      step: 1,
      reason: 'max-steps',
      first: { predictions: expect.any(Array), labels: expect.any(Array) },
    });
  });

  test('says nothing but the result with --quiet', async () => {
    const { stdout, stderr } = await trainIn(cwd, '--max-steps=1', '--quiet', '--out=models/quiet');
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toHaveLength(5);
  });

  test('writes nothing in a dry run', async () => {
    const folder = createTempFolder();
    const { exit, stderr } = await trainIn(folder, '--dry-run');
    expect(exit).toBe(0);
    expect(stderr).toContain('100 training, 0 validation, 20 test images, 5 steps per epoch\n');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('refuses a model folder that is a file (D23)', async () => {
    const folder = createTempFolder();
    mkdirSync(path.join(folder, 'models'));
    writeFileSync(path.join(folder, 'models/net'), 'mine');
    const { exit, stderr } = await trainIn(folder, '-q');
    expect(exit).toBe(73);
    expect(stderr.split('\n')[0]).toBe(
      `mnist-cnn: cannot use ${path.join(folder, 'models/net')} as the model folder: it is a file`,
    );
    expect(readFileSync(path.join(folder, 'models/net'), 'utf8')).toBe('mine');
  });

  test.each(['models', 'models/net'])('refuses %s as the file of its weights (F6)', async (file) => {
    const { exit, stderr } = await trainIn(createTempFolder(), `--save-weights=${file}`, '-q');
    expect([exit, stderr]).toEqual([
      2,
      `mnist-cnn: --save-weights ${file} names the model folder or a parent of it, expected a file\n`,
    ]);
  });

  test('works in a folder with spaces, quotes and a newline in its name (D30)', async () => {
    const folder = path.join(createTempFolder(), 'a "b"\n\'c\' é');
    mkdirSync(folder);
    const { exit } = await trainIn(folder, '--max-steps=1', '-q');
    expect(exit).toBe(0);
    expect(existsSync(path.join(folder, 'models/net/model.json'))).toBe(true);
  });

  test('lets only one of two trainings into a folder, the other is reported within a second (J1)', async () => {
    const folder = createTempFolder();
    let second: Promise<CliResult> | undefined;
    const first = runCli(['train', `--dataset=${dataset}`, ...common, '--epochs=20'], {
      cwd: folder,
      onStderr: (text) => {
        if (second === undefined && text.includes('step 0/')) second = trainIn(folder, '-q');
      },
    });
    expect((await first).exit).toBe(0);
    const refused = await second;
    expect(refused?.exit).toBe(75);
    expect(refused?.stderr).toMatch(/^mnist-cnn: another run holds models\/net: pid \d+ on \S+ since \S+\n/);
  });
});

function lossOf(result: CliResult): unknown {
  const report: unknown = JSON.parse(result.stdout);
  return typeof report === 'object' && report !== null && 'loss' in report ? report.loss : undefined;
}
