import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { drawSyntheticDigit } from '../../src/data/synthetic.ts';
import { createTempFolder } from '../support/folder.ts';
import { createCanvas, drawLine } from '../support/scenes/canvas.ts';
import { makeDrawing } from '../support/scenes/drawings.ts';
import { makeStrip } from '../support/scenes/strip.ts';
import { runWarm } from '../support/warm-cli.ts';

const cwd = createTempFolder();
const model = fileURLToPath(new URL('../../models/pretrained', import.meta.url));

/** Reads a picture with the network that is shipped. */
function read(name: string, picture: Uint8Array, ...flags: readonly string[]) {
  fs.writeFileSync(path.join(cwd, name), picture);
  return runWarm(['predict', '--model', model, ...flags, name], { cwd });
}

/** A sign that is no digit, as an image of MNIST. */
function drawHash(): Uint8Array {
  const canvas = createCanvas(28, 28);
  for (const at of [10, 18]) {
    drawLine(
      canvas,
      [
        { x: at + 1, y: 4 },
        { x: at - 1, y: 24 },
      ],
      2.5,
    );
    drawLine(
      canvas,
      [
        { x: 4, y: at },
        { x: 24, y: at },
      ],
      2.5,
    );
  }
  return Uint8Array.from(canvas.pixels);
}

test('predict is unsure of a drawing, and claims no digit (E26)', async () => {
  const { exit, stdout } = await read('horse.png', await makeDrawing('horse', 1, 0), '--json');
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    digit: null,
    unsure: true,
    reason: 'no digit',
    blank: false,
    text: '?',
  });
});

test('predict says where one of several digits cannot be read (E27)', async () => {
  const digits = [2, 7].map((digit) => drawSyntheticDigit(digit, random(5, 'test', digit)));
  const [two = new Uint8Array(784), seven = two] = digits;
  const { exit, stdout } = await read('sign.png', await makeStrip([two, drawHash(), seven], 1, 1));
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^sign\.png: 2\?7 \(unsure: \? at \d+, \d+: no digit\)\n$/);
});
