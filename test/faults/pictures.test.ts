import fs from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';
import {
  type BmpParts,
  drawSeven,
  encodePng,
  grayPalette,
  joinBmp,
  joinPng,
  pngHeader,
  toSharp,
  turnedBack,
} from '../support/pictures.ts';
import { type CliOptions, preload, runCli } from '../support/run-cli.ts';

const cwd = createTempFolder();
const seven = drawSeven();
const plain = encodePng(seven);

/** Reads pictures with the network that comes along. */
async function predict(pictures: Readonly<Record<string, Uint8Array>>, options: CliOptions = {}) {
  const folder = fs.mkdtempSync(path.join(cwd, 'pictures-'));
  for (const [name, bytes] of Object.entries(pictures)) fs.writeFileSync(path.join(folder, name), bytes);
  const { exit, stdout, stderr } = await runCli(['predict', '--json', folder], { cwd, ...options });
  const readings = parseLines(stdout).map(({ file, digit }) => [path.basename(String(file)), digit]);
  const errors = parseLines(stderr).map(({ error }) => {
    const { path: file, exit: code, message } = error as Told; // what the program says of one picture
    return [path.basename(file), [code, message]];
  });
  return { exit, readings: Object.fromEntries(readings), errors: Object.fromEntries(errors), stderr };
}

interface Told {
  readonly path: string;
  readonly exit: number;
  readonly message: string;
}

function parseLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>); // the program's own output
}

/** The seven as a BMP of so many bits a pixel, `levelOf` what stands there for a gray. */
function toBmp(bits: number, levelOf: (gray: number) => number, parts: Partial<BmpParts> = {}): Buffer {
  const { width, height, gray } = seven;
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const pixels = Buffer.alloc(rowBytes * height);
  const isTopDown = (parts.height ?? 1) < 0;
  for (let y = 0; y < height; y++) {
    const start = (isTopDown ? y : height - 1 - y) * rowBytes;
    for (let x = 0; x < width; x++) {
      const level = levelOf(gray[y * width + x] ?? 0);
      const at = start + Math.floor((x * bits) / 8);
      if (bits >= 8) pixels.writeUIntLE(level, at, bits / 8);
      else pixels[at] = (pixels[at] ?? 0) | (level << (8 - bits - ((x * bits) % 8)));
    }
  }
  return joinBmp({ width, height, bits, pixels, ...parts });
}

/** The bytes of a chunk in a PNG. */
function chunkOf(png: Buffer, type: string): Buffer {
  const at = png.indexOf(type);
  return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
}

/** The seven, then nothing on a second frame. */
function animate(): Buffer {
  const { width, height } = seven;
  const blank = chunkOf(encodePng({ width, height, gray: new Uint8Array(width * height).fill(255) }), 'IDAT');
  const frame = (number: number) => {
    const control = Buffer.alloc(26);
    control.writeUInt32BE(number, 0);
    control.writeUInt32BE(width, 4);
    control.writeUInt32BE(height, 8);
    control.writeUInt16BE(1, 20);
    return ['fcTL', control] as const;
  };
  return joinPng([
    ['IHDR', pngHeader({ width, height })],
    ['acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])],
    frame(0),
    ['IDAT', chunkOf(plain, 'IDAT')],
    frame(1),
    ['fdAT', Buffer.concat([Buffer.from([0, 0, 0, 2]), blank])],
    ['IEND', new Uint8Array(0)],
  ]);
}

const withAlpha = (colorOf: (gray: number) => number, alphaOf: (gray: number) => number) => {
  const { width, height, gray } = seven;
  const data = Buffer.from(
    [...gray].flatMap((value) => [colorOf(value), colorOf(value), colorOf(value), alphaOf(value)]),
  );
  return sharp(data, { raw: { width, height, channels: 4 } });
};
const white = () => 255;
const black = () => 0;
const inverse = (gray: number) => 255 - gray;
const triple = (gray: number) => gray * 0x010101;

/** The seven in every way that a row names, by that row. */
async function makeSevens(): Promise<Readonly<Record<string, Uint8Array>>> {
  const bomb = deflateSync(Buffer.alloc(2 ** 26), { level: 1 });
  const withChunk = (type: string, start: string) =>
    encodePng(seven, [[type, Buffer.concat([Buffer.from(start, 'latin1'), bomb])]]);
  const turned = [2, 3, 4, 5, 6, 7, 8].map(async (orientation) => {
    const camera = (await turnedBack(seven, orientation)).withMetadata({ orientation });
    return [`E14 orientation ${orientation}.jpg`, await camera.jpeg({ quality: 95 }).toBuffer()] as const;
  });
  return {
    'plain.png': plain,
    'E9 top-down.bmp': toBmp(24, triple, { height: -seven.height }),
    'E10 1 bit.bmp': toBmp(1, (gray) => gray >> 7, { palette: grayPalette(2) }),
    'E10 4 bits.bmp': toBmp(4, (gray) => gray >> 4, { palette: grayPalette(16) }),
    'E10 8 bits.bmp': toBmp(8, (gray) => gray, { palette: grayPalette(256) }),
    'E10 24 bits.bmp': toBmp(24, triple),
    'E10 32 bits.bmp': toBmp(32, triple),
    'E10 fields.bmp': toBmp(32, (gray) => gray * 0x01010100, {
      compression: 3,
      palette: Uint8Array.of(0, 0, 0, 0xff, 0, 0, 0xff, 0, 0, 0xff, 0, 0),
    }),
    'E13 progressive.jpg': await toSharp(seven).jpeg({ progressive: true }).toBuffer(),
    'E13 CMYK.jpg': await toSharp(seven).toColourspace('cmyk').jpeg().toBuffer(),
    ...Object.fromEntries(await Promise.all(turned)),
    'E15 16 bits.png': await toSharp(seven).toColourspace('grey16').png().toBuffer(),
    'E15 palette.png': await toSharp(seven).png({ palette: true }).toBuffer(),
    'E15 gray and opacity.png': await withAlpha(black, inverse).toColourspace('b-w').png().toBuffer(),
    'E15 dark on nothing.png': await withAlpha(black, inverse).png().toBuffer(),
    'E15 light on nothing.png': await withAlpha(white, inverse).png().toBuffer(),
    'E15 interlaced.png': await toSharp(seven).png({ progressive: true }).toBuffer(),
    'E16 zTXt.png': withChunk('zTXt', 'Comment\0\0'),
    'E16 iTXt.png': withChunk('iTXt', 'Comment\0\x01\0\0\0'),
    'E16 iCCP.png': withChunk('iCCP', 'profile\0\0'),
    'E17 two frames.png': animate(),
    'E21 archive.png': Buffer.concat([plain, Buffer.from('PK\x03\x04')]),
    'E21 page.png': Buffer.concat([plain, Buffer.from('<html><script>alert(1)</script>')]),
  };
}

test('the same digit is read off the same picture in every way to save it (E9, E10, E13, E14, E15, E16, E17, E21)', async () => {
  const sevens = await makeSevens();
  const { exit, readings, errors } = await predict(sevens);
  expect([exit, errors]).toEqual([0, {}]);
  expect(Object.keys(readings)).toHaveLength(Object.keys(sevens).length);
  expect(Object.entries(readings).filter(([, digit]) => digit !== 7)).toEqual([]);
});

describe('pictures that are refused', () => {
  /** A whole picture of one gray, 196 MP, which takes as many bytes unpacked. */
  const flat = () => {
    const rows = deflateSync(Buffer.alloc(14_001 * 14_000), { level: 1 });
    const size = { width: 14_000, height: 14_000 };
    return joinPng([
      ['IHDR', pngHeader(size)],
      ['IDAT', rows],
      ['IEND', new Uint8Array(0)],
    ]);
  };
  const withFrame = async (change: (frame: Buffer) => void) => {
    const bytes = await toSharp(seven).jpeg().toBuffer();
    change(bytes.subarray(bytes.indexOf(Buffer.of(0xff, 0xc0, 0))));
    return bytes;
  };
  const damaged = Buffer.from(plain);
  damaged.writeUInt8(damaged.readUInt8(plain.indexOf('IDAT') + 6) ^ 1, plain.indexOf('IDAT') + 6);

  const peakOf = (stderr: string) => Number(/^peak (\d+)$/m.exec(stderr)?.[1]);
  let found: Awaited<ReturnType<typeof predict>>;
  let small: Awaited<ReturnType<typeof predict>>;

  beforeAll(async () => {
    const bombSize = { width: 10_000, height: 10_000 };
    const options = { nodeFlags: preload('report-peak-memory') };
    [found, small] = await Promise.all([
      predict(
        {
          'E2.heic.jpg': Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'),
          'E2.pdf.png': Buffer.from('%PDF-1.7\n'),
          'E2.svg.png': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
          'E4.bmp': toBmp(24, triple).subarray(0, 9000),
          'E4.jpg': (await toSharp(seven).jpeg().toBuffer()).subarray(0, 900),
          'E5.png': damaged,
          'E6.png': joinPng([['IHDR', pngHeader({ width: 0, height: 7 })]]),
          'E7.png': flat(),
          'E8.bmp': joinBmp({ ...bombSize, bits: 8, compression: 1, pixels: new Uint8Array(1024) }),
          'E9.bmp': toBmp(24, triple, { height: -(2 ** 31) }),
          'E10.16.bmp': toBmp(16, (gray) => (gray >> 3) * 0b10000100001),
          'E10.depth.bmp': toBmp(8, (gray) => gray, { bits: 2 }),
          'E10.OS-2.bmp': Buffer.concat([Buffer.from('BM'.padEnd(14, '\0')), Buffer.of(12, 0, 0, 0), plain]),
          'E10.runs.bmp': toBmp(8, (gray) => gray, { compression: 1, palette: grayPalette(256) }),
          'E10.offset.bmp': toBmp(24, triple, { pixelOffset: 4_000_000_000 }),
          'E11.jpg': await withFrame((frame) => frame.writeUInt32BE(60_000 * 65_537, 5)),
          'E13.jpg': await withFrame((frame) => frame.writeUInt8(12, 4)),
        },
        options,
      ),
      predict({ 'text.png': Buffer.from('text') }, options),
    ]);
  });

  test('are each reported with their reason (E2, E4, E5, E6, E7, E8, E9, E10, E11, E13)', () => {
    const reasons = {
      'E2.heic.jpg': 'found HEIC, this tool reads PNG, JPEG, BMP and WebP',
      'E2.pdf.png': 'found PDF, this tool reads PNG, JPEG, BMP and WebP',
      'E2.svg.png': 'found SVG, this tool reads PNG, JPEG, BMP and WebP',
      'E4.bmp': 'the image ends early, 9,000 of 57,654 bytes are there',
      'E4.jpg': 'the image ends early, after 900 bytes',
      'E5.png': expect.stringMatching(/the checksum of its IDAT chunk is [0-9a-f]{8}, expected [0-9a-f]{8}$/),
      'E6.png': 'its header says 0 x 7 pixels, each side must be at least 1',
      'E7.png': 'it has 14,000 x 14,000 pixels (196 MP), the limit is 64 MP',
      'E8.bmp': 'it has 10,000 x 10,000 pixels (100 MP), the limit is 64 MP',
      'E9.bmp': 'it has 120 x 2,147,483,648 pixels (257,699 MP), the limit is 64 MP',
      'E10.16.bmp': 'it is uncompressed with 16 bits a pixel, an unsupported kind of BMP',
      'E10.depth.bmp': 'it is uncompressed with 2 bits a pixel, an unsupported kind of BMP',
      'E10.OS-2.bmp': 'it is an OS/2 bitmap, an unsupported kind of BMP',
      'E10.runs.bmp': 'it is RLE8 with 8 bits a pixel, an unsupported kind of BMP',
      'E10.offset.bmp': 'the image ends early, 57,654 of 4,000,057,600 bytes are there',
      'E11.jpg': 'it has 60,000 x 60,000 pixels (3,600 MP), the limit is 64 MP',
      'E13.jpg': 'it is a 12-bit JPEG, only 8 bits are supported',
    };
    const told = Object.entries(reasons).map(([name, reason]) => [
      name,
      [65, typeof reason === 'string' ? `cannot read ${name}: ${reason}` : reason],
    ]);
    expect(found.errors).toEqual(Object.fromEntries(told));
    expect([found.exit, found.readings]).toEqual([65, {}]);
  });

  test('take no memory (E6, E7, E8, E9, E11)', () => {
    expect(peakOf(found.stderr) - peakOf(small.stderr)).toBeLessThan(20 * 1024);
  });
});
