import sharp from 'sharp';
import { type Random, random } from '../../../src/core/random.ts';
import type { Canvas, Color } from '../photo.ts';
import { between, createCanvas, drawLine } from './canvas.ts';
import { paperColor, photograph } from './paper.ts';

/**
 * Paper that nobody wrote on: fibers, stains, a fold and the shadow of a hand or a phone, each only sometimes.
 */
export async function makeBlankPaper(seed: number, index: number): Promise<Uint8Array> {
  const numbers = random(seed, 'blank paper', index);
  const width = Math.round(between(numbers, 60, 480));
  const height = Math.round(between(numbers, 60, 400));
  const grain = await makeClouds({ width, height, coarsest: 8 }, numbers);
  const shadow = createCanvas(width, height);
  if (numbers.uniform() < 0.5) castShadow(shadow, numbers);
  const fold = createCanvas(width, height);
  if (numbers.uniform() < 0.3) {
    const [from, to] = [height * numbers.uniform(), height * numbers.uniform()];
    drawLine(
      fold,
      [
        { x: -9, y: from },
        { x: width + 9, y: to },
      ],
      between(numbers, 2, 6),
    );
  }
  const paper = paperColor(numbers);
  const darker = (share: number) => [paper[0] * share, paper[1] * share, paper[2] * share] as const;
  const layers = [
    { pixels: grain.pixels, color: darker(between(numbers, 0.9, 1)) },
    { pixels: fold.pixels, color: darker(between(numbers, 0.93, 0.99)) },
    { pixels: shadow.pixels, color: darker(between(numbers, 0.55, 0.85)) },
  ];
  return photograph({ width, height, paper, layers }, numbers);
}

/** Like a photo of the world: hills under a sky, boxes in a room, or clouds, with texture everywhere. */
export async function makeWorldPhoto(seed: number, index: number): Promise<Uint8Array> {
  const numbers = random(seed, 'world', index);
  const width = Math.round(between(numbers, 120, 500));
  const height = Math.round(between(numbers, 100, 400));
  const size = { width, height };
  const color = () => mutedColor(numbers);
  const draw = index % 2 === 0 ? drawHills : drawBoxes;
  // Every third one is clouds only.
  const count = index % 3 === 0 ? 0 : 3 + numbers.integer(6);
  const layers = [{ pixels: (await makeClouds({ ...size, coarsest: 2 }, numbers)).pixels, color: color() }];
  for (let part = 0; part < count; part++) {
    const shape = createCanvas(width, height);
    draw(shape, part / count, numbers);
    layers.push({ pixels: shape.pixels, color: color() });
  }
  const texture = await makeClouds({ ...size, coarsest: 12 }, numbers);
  const dark = between(numbers, 0.2, 0.6);
  layers.push({ pixels: texture.pixels.map((value) => value * dark), color: [20, 20, 25] });
  return photograph({ ...size, paper: color(), layers }, numbers);
}

/** A color as things have it: of any lightness, few of them vivid. */
function mutedColor(numbers: Random): Color {
  const level = between(numbers, 30, 225);
  return [level + 22 * numbers.normal(), level + 12 * numbers.normal(), level + 22 * numbers.normal()];
}

/** Noise of all sizes from the picture's side / `coarsest` down to a pixel, as nature has it: 0 to 255. */
async function makeClouds(
  { width, height, coarsest }: { readonly width: number; readonly height: number; readonly coarsest: number },
  numbers: Random,
): Promise<Canvas> {
  const clouds = createCanvas(width, height);
  for (let cells = coarsest, share = 0.5; cells < 256; cells *= 2, share /= 2) {
    const raw = Uint8Array.from({ length: cells * cells }, () => numbers.integer(256));
    const octave = await sharp(raw, { raw: { width: cells, height: cells, channels: 1 } })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .extractChannel(0)
      .raw()
      .toBuffer();
    octave.forEach((value, at) => {
      clouds.pixels[at] = (clouds.pixels[at] ?? 0) + value * share;
    });
  }
  return clouds;
}

/** A soft edge across the sheet, dark on one side. */
function castShadow(canvas: Canvas, numbers: Random): void {
  const { width, height, pixels } = canvas;
  const angle = 2 * Math.PI * numbers.uniform();
  const offset = between(numbers, -0.3, 0.3) * Math.min(width, height);
  const softness = between(numbers, 0.05, 0.4) * Math.min(width, height);
  for (let at = 0; at < pixels.length; at++) {
    const [x, y] = [(at % width) - width / 2, Math.floor(at / width) - height / 2];
    const distance = x * Math.cos(angle) + y * Math.sin(angle) - offset;
    pixels[at] = 255 / (1 + Math.exp((-4 * distance) / softness));
  }
}

/** All below a wavy horizon, the lower the later it is drawn. */
function drawHills(canvas: Canvas, depth: number, numbers: Random): void {
  const { width, height, pixels } = canvas;
  const base = height * (0.25 + 0.7 * depth);
  const waves = [1, 2, 3, 5].map((times) => ({
    times,
    swing: (between(numbers, 0, 0.12) * height) / times,
    start: 2 * Math.PI * numbers.uniform(),
  }));
  for (let x = 0; x < width; x++) {
    let edge = base;
    for (const { times, swing, start } of waves) {
      edge += swing * Math.sin((2 * Math.PI * times * x) / width + start);
    }
    for (let y = Math.max(0, Math.round(edge)); y < height; y++) pixels[y * width + x] = 255;
  }
}

/** An upright box somewhere, lit from the left. */
function drawBoxes(canvas: Canvas, _depth: number, numbers: Random): void {
  const { width, height, pixels } = canvas;
  const left = Math.round(between(numbers, -0.2, 0.8) * width);
  const top = Math.round(between(numbers, -0.1, 0.8) * height);
  const right = left + Math.round(between(numbers, 0.1, 0.6) * width);
  const bottom = top + Math.round(between(numbers, 0.1, 0.7) * height);
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, right); x++) {
      pixels[y * width + x] = 160 + (95 * (x - left)) / (right - left);
    }
  }
}
