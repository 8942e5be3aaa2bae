import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { type CliResult } from '../support/run-cli.ts';
import { runWarm } from '../support/warm-cli.ts';

const folder = createTempFolder();
const digits = writeDigitsFolder(200, 40);

function compare(...words: readonly string[]): Promise<CliResult> {
  return runWarm(['compare', ...words, '--dataset', digits], { cwd: folder });
}

/** The four counts of the table that crosses A with B. */
function countsOf({ stdout }: CliResult): readonly number[] {
  const [, ...counts] = /\nA right +(\d+) +(\d+)\nA wrong +(\d+) +(\d+)\n/.exec(stdout) ?? [];
  return counts.map(Number);
}

beforeAll(async () => {
  const words = ['--dataset', digits, '--arch', 'conv3x3', '--batch-size', '20', '--eval-every', '2', '-q'];
  for (const [out, steps] of [
    ['models/a', '20'],
    ['models/b', '3'],
  ] as const) {
    const { exit, stderr } = await runWarm(
      ['train', ...words, '--epochs', '2', '--max-steps', steps, '--out', out],
      { cwd: folder },
    );
    expect([exit, stderr]).toEqual([0, '']);
  }
});

describe('compare A B', () => {
  let result: CliResult;

  beforeAll(async () => {
    result = await compare('models/a', 'models/b');
  });

  test('prints network and accuracy of both, with their intervals', () => {
    const lines = result.stdout.split('\n');
    expect([lines[0], lines[2]]).toEqual([
      'A  models/a: network conv3x3, 13,602 parameters',
      'B  models/b: network conv3x3, 13,602 parameters',
    ]);
    const accuracy =
      /^ {3}accuracy \d+\.\d\d % \(95 % interval \d+\.\d\d to \d+\.\d\d %\), \d+ of 40 right, loss \d\.\d{4}$/;
    expect([lines[1], lines[3]]).toEqual([expect.stringMatching(accuracy), expect.stringMatching(accuracy)]);
  });

  test('crosses right and wrong of both, in sums that agree', () => {
    const [both = 0, onlyA = 0, onlyB = 0, neither = 0] = countsOf(result);
    const right = Array.from(result.stdout.matchAll(/, (\d+) of 40 right/g), ([, count]) => Number(count));
    expect([both + onlyA, both + onlyB, both + onlyA + onlyB + neither]).toEqual([...right, 40]);
  });

  test("gives McNemar's p-value and says what it means", () => {
    expect(result.stdout).toMatch(
      /\nMcNemar's test \(exact binomial\) on the \d+ images that only one of them reads correctly: p = \S+\nIf A and B were equally good, a split at least as uneven as \d+ to \d+ would occur in .* such comparisons\.\n/,
    );
  });

  test('writes a table and a picture of the differences beside the second model', () => {
    const written = path.join('models', 'compare-a-b');
    expect(fs.readdirSync(path.join(folder, written))).toEqual(['differences.csv', 'differences.png']);
    expect([result.exit, result.stderr.split('\n')]).toEqual([
      0,
      [
        'measuring models/a and models/b on 40 test images',
        `wrote ${written}/differences.csv, ${written}/differences.png`,
        `next: mnist-cnn compare models/a models/b --dataset ${digits} --curves`,
        '',
      ],
    ]);
  });

  test('lists twenty of them at most, and counts the rest', () => {
    const [, differing = ''] = /\n(\d+) images that A and B read differently\n/.exec(result.stdout) ?? [];
    const listed = result.stdout.match(/^ *\d+ {5}\d +\d +\d {2}(A|B|neither)$/gm)?.length ?? 0;
    const table = fs.readFileSync(path.join(folder, 'models/compare-a-b/differences.csv'), 'utf8');
    expect(table.trim().split('\n').length - 1).toBe(Number(differing));
    expect(listed).toBe(Math.min(20, Number(differing)));
  });

  test('touches neither model folder', () => {
    expect(fs.readdirSync(path.join(folder, 'models/b'))).not.toContain('differences.csv');
  });
});

describe('compare --curves', () => {
  let result: CliResult;

  beforeAll(async () => {
    result = await compare('models/a', 'models/b', '--curves', '--out-dir', 'out');
  });

  test('draws both runs in one picture, in the given folder', () => {
    expect(fs.readdirSync(path.join(folder, 'out'))).toEqual([
      'curves.png',
      'curves.svg',
      'differences.csv',
      'differences.png',
    ]);
  });

  test('gives a verdict on each run', () => {
    expect(result.stdout).toMatch(/\n\na: .+\n\nb: too few log points to judge: 2, .+\n$/);
  });
});

test('compare of the first images writes no pictures of them', async () => {
  const { stdout } = await compare('models/a', 'models/b', '--images', '5', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ images: 5, files: [] });
});

test('compare of a model with itself finds no difference, and writes nothing', async () => {
  const { stdout, stderr } = await compare('models/a', 'models/a', '--out-dir', 'same');
  expect(stdout).toContain(
    "\nMcNemar's test: A and B are right on the same images, so there is no difference to test.\n\nThey read every image the same way.\n",
  );
  expect([stderr.includes('wrote'), fs.existsSync(path.join(folder, 'same'))]).toEqual([false, false]);
});

test('compare --json gives one object whose counts agree', async () => {
  const { stdout } = await compare('models/a', 'models/b', '--curves', '--json', '-q');
  const report: {
    counts: Readonly<Record<string, number>>;
    mcnemar: { discordant: number };
    models: readonly { model: string; correct: number }[];
    curves: readonly { model: string; verdict: { type: string } }[];
  } = JSON.parse(stdout);
  const { both = 0, onlyFirst = 0, onlySecond = 0 } = report.counts;
  expect(report.models.map(({ model, correct }) => [model, correct])).toEqual([
    ['models/a', both + onlyFirst],
    ['models/b', both + onlySecond],
  ]);
  expect(report.mcnemar.discordant).toBe(onlyFirst + onlySecond);
  expect(report.curves[1]).toEqual({ model: 'models/b', verdict: { type: 'too-few-points', points: 2 } });
});

describe('compare with a model that was trained with --validation test-half', () => {
  beforeAll(async () => {
    const words = [
      '--validation',
      'test-half',
      '--max-steps',
      '1',
      '--batch-size',
      '20',
      '--out',
      'models/half',
      '-q',
    ];
    expect(await runWarm(['train', '--dataset', digits, ...words], { cwd: folder })).toMatchObject({
      exit: 0,
    });
  });

  const chosen =
    /\nB was chosen by half of these test images \(--validation test-half\), so it looks better on them than on new ones\.\n/;

  test('says that it was chosen by test images', async () => {
    expect((await compare('models/a', 'models/half')).stdout).toMatch(chosen);
  });

  test('does not say so of other test images', async () => {
    const other = writeDigitsFolder(20, 30);
    const words = ['compare', 'models/a', 'models/half', '--dataset', other];
    const { exit, stdout } = await runWarm(words, { cwd: folder });
    expect([exit, stdout.match(/ chosen by /)]).toEqual([0, null]);
  });

  test('warns where its config cannot be read, and compares', async () => {
    fs.writeFileSync(path.join(folder, 'models/half/config.json'), 'none');
    const { exit, stderr } = await compare('models/a', 'models/half');
    expect([exit, ...stderr.split('\n').slice(0, 2)]).toEqual([
      0,
      'mnist-cnn: warning: cannot tell what models/half was trained on: cannot read config.json: it is not JSON',
      'mnist-cnn: warning: cannot tell whether models/half was chosen by test images: cannot read config.json: it is not JSON',
    ]);
  });
});

test('compare refuses one folder', async () => {
  const { exit, stderr } = await compare('models/a');
  expect([exit, stderr]).toEqual([
    2,
    'mnist-cnn: compare needs two model folders, found 1\n    mnist-cnn compare --help\n',
  ]);
});

test('compare names the folder that has no model', async () => {
  const { exit, stderr } = await compare('models/a', 'models/none');
  expect([exit, stderr]).toEqual([
    66,
    [
      'mnist-cnn: no model found in models/none: model.json does not exist',
      '  file: models/none/model.json',
      '  Train one first:',
      '    mnist-cnn train --out models/none',
      '',
    ].join('\n'),
  ]);
});

test('compare --curves names the folder that has no log, before anything is measured', async () => {
  fs.cpSync(path.join(folder, 'models/b'), path.join(folder, 'models/c'), { recursive: true });
  fs.rmSync(path.join(folder, 'models/c/log.jsonl'));
  const { exit, stderr } = await compare('models/a', 'models/c', '--curves');
  expect([exit, stderr]).toEqual([
    66,
    [
      'mnist-cnn: no curves for models/c: log.jsonl does not exist',
      '  file: models/c/log.jsonl',
      '  Curves need the log that training writes into the model folder. Without --curves, none are drawn.',
      '',
    ].join('\n'),
  ]);
});
