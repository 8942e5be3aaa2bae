import sharp from 'sharp';
import { type Random, random } from '../../src/core/random.ts';

/** The formats that pictures are saved in, in turn. */
export const photoFormats = ['png', 'jpg', 'bmp'] as const;

export interface Photo {
  readonly format: (typeof photoFormats)[number];
  readonly isLightOnDark: boolean;
  readonly bytes: Uint8Array;
}

/** How much of each pixel ink covers, in rows of `width`: 0 is paper, 255 full ink. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
}

export type Color = readonly [red: number, green: number, blue: number];

/** What is printed or written with one pen. */
export interface Layer {
  readonly pixels: Float32Array;
  readonly color: Color;
}

/**
 * Makes a picture out of an MNIST digit: enlarged 4 to 20 times, placed off-center, dark on light or light on dark, on
 * tinted, unevenly lit, noisy paper, saved as PNG, JPEG or BMP. The same seed and index give the same picture.
 */
export async function makePhoto(digit: Uint8Array, seed: number, index: number): Promise<Photo> {
  const numbers = random(seed, 'photo', index);
  const format = photoFormats[index % photoFormats.length] ?? 'png';
  const isLightOnDark = numbers.uniform() < 0.5;
  const ink = await placeDigit(digit, numbers);
  const light = tint(170 + 80 * numbers.uniform(), numbers);
  const dark = tint(10 + 70 * numbers.uniform(), numbers);
  const [paper, pen] = isLightOnDark ? [dark, light] : [light, dark];
  const size = { width: ink.width, height: ink.height };
  const bytes = paintPaper(size, { paper, layers: [{ pixels: ink.pixels, color: pen }] }, numbers);
  return { format, isLightOnDark, bytes: await encode(bytes, size, { format, numbers }) };
}

/** The digit enlarged, somewhere on a larger canvas: 0 is paper, 255 full ink. */
async function placeDigit(digit: Uint8Array, numbers: Random): Promise<Canvas> {
  const side = Math.round(28 * (4 + 16 * numbers.uniform()));
  const kernel = numbers.uniform() < 0.5 ? 'cubic' : 'linear';
  const enlarged = await sharp(Buffer.from(digit), { raw: { width: 28, height: 28, channels: 1 } })
    .resize(side, side, { kernel })
    .extractChannel(0)
    .raw()
    .toBuffer();
  const width = Math.round(side * (1 + numbers.uniform()));
  const height = Math.round(side * (1 + numbers.uniform()));
  const left = numbers.integer(width - side + 1);
  const top = numbers.integer(height - side + 1);
  const pixels = new Float32Array(width * height);
  for (let y = 0; y < side; y++) {
    pixels.set(enlarged.subarray(y * side, (y + 1) * side), (y + top) * width + left);
  }
  return { width, height, pixels };
}

/**
 * RGB bytes of layers on paper, the last on top: light falls off to one side and to the corners, and there is noise of
 * up to `maxNoise` gray levels.
 */
export function paintPaper(
  size: { readonly width: number; readonly height: number },
  sheet: { readonly paper: Color; readonly layers: readonly Layer[]; readonly maxNoise?: number },
  numbers: Random,
): Uint8Array {
  const { width, height } = size;
  const levels = 20 + 40 * numbers.uniform();
  const angle = 2 * Math.PI * numbers.uniform();
  const bow = 15 * numbers.uniform();
  const sigma = (sheet.maxNoise ?? 12) * numbers.uniform();
  const noise = Float32Array.from({ length: 65_536 }, () => sigma * numbers.normal());
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  // Plain arrays with counted loops: this runs for each pixel of thousands of pictures.
  const covers = sheet.layers.map(({ pixels }) => pixels);
  const colors = Float64Array.from(sheet.layers.flatMap(({ color }) => color));
  const paper = Float64Array.from(sheet.paper);
  const bytes = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const down = (2 * y) / height - 1;
    const start = numbers.integer(noise.length);
    for (let x = 0; x < width; x++, at++) {
      const across = (2 * x) / width - 1;
      const along = (across * cosine + down * sine) / 2;
      const shade = levels * along - (bow * (across * across + down * down)) / 2;
      const grain = noise[(start + x) % noise.length] ?? 0;
      for (let channel = 0; channel < 3; channel++) {
        let level = paper[channel] ?? 0;
        for (let layer = 0; layer < covers.length; layer++) {
          level += ((colors[layer * 3 + channel] ?? 0) - level) * ((covers[layer]?.[at] ?? 0) / 255);
        }
        bytes[at * 3 + channel] = level + shade + grain;
      }
    }
  }
  return new Uint8Array(bytes.buffer);
}

/** A color of about this gray level. */
export function tint(level: number, numbers: Random): Color {
  return [level + 12 * numbers.normal(), level + 6 * numbers.normal(), level + 12 * numbers.normal()];
}

async function encode(
  rgb: Uint8Array,
  size: { readonly width: number; readonly height: number },
  target: { readonly format: Photo['format']; readonly numbers: Random },
): Promise<Uint8Array> {
  if (target.format === 'bmp') return encodeBmp(rgb, size);
  const picture = sharp(rgb, { raw: { ...size, channels: 3 } });
  if (target.format === 'png') return picture.png({ compressionLevel: 1 }).toBuffer();
  return picture.jpeg({ quality: 60 + target.numbers.integer(36) }).toBuffer();
}

/** A BMP of 24 bits, bottom row first. */
export function encodeBmp(
  rgb: Uint8Array,
  size: { readonly width: number; readonly height: number },
): Uint8Array {
  const rowBytes = Math.ceil((size.width * 3) / 4) * 4;
  const bytes = Buffer.alloc(54 + rowBytes * size.height);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(size.width, 18);
  bytes.writeInt32LE(size.height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let y = 0; y < size.height; y++) {
    const start = 54 + (size.height - 1 - y) * rowBytes;
    for (let x = 0; x < size.width; x++) {
      const from = (y * size.width + x) * 3;
      bytes.set([rgb[from + 2] ?? 0, rgb[from + 1] ?? 0, rgb[from] ?? 0], start + x * 3);
    }
  }
  return bytes;
}
