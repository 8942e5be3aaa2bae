import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { runCli } from '../support/run-cli.ts';
import { makeStrip } from '../support/scenes/strip.ts';
import { runWarm } from '../support/warm-cli.ts';

/** What the program says of one picture, as far as these tests read it. */
interface Told {
  readonly file: string;
  readonly text: string;
  readonly digits: readonly { readonly digit: number | null; readonly box: { readonly left: number } }[];
}

const cwd = createTempFolder();
const lengths = [2, 3, 4, 5, 6, 7, 8, 2, 3, 4];
const answers: string[] = [];

/** Reads with the network that comes along. */
const predict = (...words: readonly string[]) => runWarm(['predict', ...words], { cwd });

function parseLines(stdout: string): readonly Told[] {
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Told); // the program's own output
}

beforeAll(async () => {
  const { images, labels } = createSyntheticDigits({ seed: 5, count: 50 });
  let start = 0;
  for (const [index, length] of lengths.entries()) {
    const digits = Array.from({ length }, (_, at) =>
      images.subarray((start + at) * 784, (start + at + 1) * 784),
    );
    fs.writeFileSync(path.join(cwd, `${index}.png`), await makeStrip(digits, 1, index));
    answers.push(labels.subarray(start, start + length).join(''));
    start += length;
  }
});

describe('predict with photos of several digits', () => {
  const names = lengths.map((_, index) => `${index}.png`);
  let told: readonly Told[];

  beforeAll(async () => {
    const { exit, stdout } = await predict('--json', ...names);
    expect(exit).toBe(0);
    told = parseLines(stdout);
  });

  test('finds as many as there are', () => {
    expect(told.map(({ digits }) => digits.length)).toEqual(lengths);
  });

  test('reads them from left to right', () => {
    const right = told.filter(({ text }, index) => text === answers[index]);
    expect(
      right.length,
      told.map(({ text }, index) => `${text} for ${answers[index]}`).join(),
    ).toBeGreaterThan(7);
    const lefts = told.map(({ digits }) => digits.map(({ box }) => box.left));
    expect(lefts).toEqual(lefts.map((each) => [...each].sort((one, other) => one - other)));
  });

  test('writes the digits of each in a line of text', async () => {
    const { stdout } = await predict(...names);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/ \(.*/, ''))).toEqual(
      told.map(({ file, text }) => `${file}: ${text}`),
    );
  });

  test('writes them into the second column of CSV', async () => {
    const { stdout } = await predict('--csv', ...names);
    const [, ...lines] = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(',').slice(0, 2))).toEqual(
      told.map(({ file, text }) => [file, text]),
    );
  });

  test('takes all ink for one digit with --single', async () => {
    const { stdout } = await predict('--json', '--single', ...names);
    expect(parseLines(stdout).map(({ digits }) => digits.length)).toEqual(lengths.map(() => 1));
  });

  test('says with --show how many were found', async () => {
    const { stdout } = await predict('--show', '2.png');
    expect(stdout).toContain('\nink found, 4 digits:\n');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^2\.png: /);
  });
});

test('predict reads healthy pictures beside a photo of 12 megapixels of squared paper', async () => {
  const folder = createTempFolder();
  const lines = `<path d="M0 0H60M0 0V60" stroke="#56a" stroke-width="9"/>`;
  const paper = `<pattern id="p" width="60" height="60" patternUnits="userSpaceOnUse">${lines}</pattern>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="3000">${paper}<rect width="100%" height="100%" fill="url(#p)"/></svg>`;
  const photo = await sharp(Buffer.from(svg)).flatten({ background: '#e8e4dc' }).jpeg().toBuffer();
  const sevens = ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name}.png`);
  fs.writeFileSync(path.join(folder, 'a.jpg'), photo);
  for (const name of sevens) fs.writeFileSync(path.join(folder, name), encodePng(drawSeven()));
  const { exit, stdout } = await runCli(['predict', '--json', 'a.jpg', ...sevens], { cwd: folder });
  const [squared, ...others] = parseLines(stdout);
  expect([exit, squared?.digits.filter(({ digit }) => digit !== null)]).toEqual([0, []]);
  expect(others.map(({ text }) => text)).toEqual(sevens.map(() => '7'));
});
