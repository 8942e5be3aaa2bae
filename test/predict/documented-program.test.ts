import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { drawSyntheticDigit } from '../../src/data/synthetic.ts';
import { createTempFolder } from '../support/folder.ts';
import { encodePng } from '../support/pictures.ts';
import { type CliResult, runProgram } from '../support/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cwd = createTempFolder();

/** Draws synthetic digits side by side, 28 pixels of paper around each. */
function drawNumber(digits: readonly number[]) {
  const width = 56 * digits.length;
  const gray = new Uint8Array(width * 56).fill(255);
  digits.forEach((digit, at) => {
    drawSyntheticDigit(digit, random(5, 'test', at)).forEach((value, pixel) => {
      const [x, y] = [56 * at + 14 + (pixel % 28), 14 + Math.floor(pixel / 28)];
      gray[y * width + x] = 255 - value;
    });
  });
  return { width, height: 56, gray };
}

let result: CliResult;

beforeAll(async () => {
  const [, program = ''] =
    /^```js\n(.*?)^```/ms.exec(fs.readFileSync(`${root}/docs/reading.md`, 'utf8')) ?? [];
  const built = new URL('../../dist/index.js', import.meta.url).href;
  fs.writeFileSync(path.join(cwd, 'program.mjs'), program.replace("'mnist-cnn'", `'${built}'`));
  fs.writeFileSync(path.join(cwd, 'photo.jpg'), encodePng(drawNumber([7, 2, 0])));
  fs.cpSync(`${root}/models/pretrained`, path.join(cwd, 'models/net'), { recursive: true });
  result = await runProgram([], { program: path.join(cwd, 'program.mjs'), cwd });
});

test('the program in docs/reading.md prints the digits of a picture', () => {
  const lines = result.stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.slice(0, 1))).toEqual(['7', '2', '0']);
});

test('the program in docs/reading.md ends by itself', () => {
  expect([result.exit, result.signal]).toEqual([0, null]);
});
