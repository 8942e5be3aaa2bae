// Draws the pictures of docs/reading.md of MNIST's test digits and the network that is shipped: `npx tsx
// test/predict/draw-reading.ts`, with MNIST in data/.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { loadMnist } from '#mnist-dataset-loader';
import { loadTensorFlow } from '../../src/backend/tf.ts';
import { formatReading } from '../../src/cli/predict/reading-text.ts';
import { random } from '../../src/core/random.ts';
import { createNetworks } from '../../src/model/create-networks.ts';
import { loadModel } from '../../src/model/saved-model.ts';
import { predictPictures } from '../../src/predict/predict.ts';
import type { Stage } from '../../src/predict/stages.ts';
import { encodePixels, escapeXml, fontFamily, formatSvg, renderPng } from '../../src/report/png.ts';
import { createCanvas, drawLine, inkDigit, lay } from '../support/scenes/canvas.ts';
import { makeCell } from '../support/scenes/cell.ts';
import { drawSvg } from '../support/scenes/letters.ts';
import { makeStrip, photographInk } from '../support/scenes/strip.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const test = await loadMnist({ dataDir: `${root}/data`, split: 'test' });

/** Their names are those of the files. */
const scenes: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  squared: () => makeCell(digit(18), 'squared', { seed: 1, index: 2 }),
  number: () => makeStrip([4, 5, 6, 7].map(digit), 1, 1),
  form: drawForm,
  rows: drawRows,
  touching: () => drawTouching(16, 27),
  merged: () => drawTouching(18, 11),
  letter: () => drawLetter('A'),
};

await loadTensorFlow();
const networks = createNetworks([loadModel(`${root}/models/pretrained`)]);
const names = Object.keys(scenes).map((name) => ({ name: `${name}.jpg` }));
const readings = predictPictures(names, {
  networks: () => networks,
  readBytes: (name) => scenes[name.replace('.jpg', '')]?.() ?? new Uint8Array(),
  keepStages: true,
});
for await (const reading of readings) {
  if (reading.type === 'failed') throw reading.error;
  const answer = formatReading(
    { ...reading, stages: undefined },
    { type: 'text', topK: 1, minScore: 0, color: false },
  );
  const picture = await drawStages(reading.stages ?? [], answer);
  fs.writeFileSync(`${root}/docs/pictures/reading-${reading.name.replace('.jpg', '.png')}`, picture);
}

function digit(index: number): Uint8Array {
  return test.images.subarray(784 * index, 784 * (index + 1));
}

/** Three digits in printed boxes, as on a form. */
async function drawForm(): Promise<Uint8Array> {
  const numbers = random(1, 'form');
  const canvas = createCanvas(420, 170);
  for (const [at, index] of [8, 9, 10].entries()) {
    const ink = await inkDigit(digit(index), 3.6, numbers);
    const [left, top, side] = [35 + 120 * at, 33, 104];
    lay(canvas, ink, { x: left + (side - ink.width) / 2, y: top + (side - ink.height) / 2 });
    const corners = [
      { x: left, y: top },
      { x: left + side, y: top },
      { x: left + side, y: top + side },
      { x: left, y: top + side },
    ] as const;
    for (const [corner, from] of corners.entries()) {
      drawLine(canvas, [from, corners[(corner + 1) % 4] ?? from], 2.5);
    }
  }
  return photographInk(canvas, numbers);
}

/** Two digits that run into each other. */
async function drawTouching(first: number, second: number): Promise<Uint8Array> {
  const numbers = random(2, 'touching');
  const canvas = createCanvas(280, 170);
  const left = await inkDigit(digit(first), 4.6, numbers);
  const right = await inkDigit(digit(second), 4.6, numbers);
  lay(canvas, left, { x: 60, y: 40 });
  lay(canvas, right, { x: 60 + left.width - 14, y: 44 });
  return photographInk(canvas, numbers);
}

/** Two numbers, one below the other. */
async function drawRows(): Promise<Uint8Array> {
  const numbers = random(3, 'rows');
  const canvas = createCanvas(300, 250);
  for (const [at, index] of [0, 1, 2, 17, 18, 19].entries()) {
    const ink = await inkDigit(digit(index), 3.4, numbers);
    const [column, row] = [at % 3, Math.floor(at / 3)];
    lay(canvas, ink, { x: 40 + 80 * column + (60 - ink.width) / 2, y: 35 + 110 * row });
  }
  return photographInk(canvas, numbers);
}

function drawLetter(letter: string): Promise<Uint8Array> {
  const text = `<text x="50%" y="72%" text-anchor="middle" font-size="110" font-family="${fontFamily}">${letter}</text>`;
  return drawSvg({ text, side: 170, isPhoto: true }, random(4, 'letter'));
}

/** Stages side by side, what each is above it, the answer below. */
async function drawStages(stages: readonly Stage[], answer: string): Promise<Buffer> {
  const [side, gap, top] = [215, 15, 46];
  const sizes = stages.map(({ image: { width, height } }) => {
    const scale = Math.min(side / width, 170 / height);
    return { width: width * scale, height: height * scale };
  });
  const bottom = top + Math.max(...sizes.map(({ height }) => height));
  const panels = await Promise.all(
    stages.map(async ({ title, image }, at) => {
      const x = gap + at * (side + gap);
      const png = await encodePixels({ ...image, channels: 1 });
      const { width = side, height = side } = sizes[at] ?? {};
      const lines = wrap(title).map(
        (line, row) => `<text x="${x}" y="${16 + 15 * row}">${escapeXml(line)}</text>`,
      );
      return [
        ...lines,
        `<image x="${x}" y="${top}" width="${width}" height="${height}" style="image-rendering:pixelated" href="data:image/png;base64,${png.toString('base64')}"/>`,
      ].join('\n');
    }),
  );
  const svg = formatSvg(gap + 4 * (side + gap), bottom + 36, [
    `<style>text{font-family:${fontFamily};font-size:12px;fill:#222}.answer{font-size:14px;font-weight:bold}</style>`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...panels,
    `<text class="answer" x="${gap}" y="${bottom + 24}">${escapeXml(answer)}</text>`,
  ]);
  return sharp(await renderPng(svg))
    .resize(1000)
    .png({ palette: true, colors: 32, compressionLevel: 9 })
    .toBuffer();
}

/** Lines of at most 32 characters. */
function wrap(text: string): readonly string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= 32) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}
