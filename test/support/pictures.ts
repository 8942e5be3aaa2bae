import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** Gray pixels for tests. */
export interface TestPicture {
  readonly width: number;
  readonly height: number;
  readonly gray: Uint8Array;
}

/** A drawn 7 of dark ink on white, off-center: a bar and a slanted stroke, no symmetry of any kind. */
export function drawSeven(width = 120, height = 160): TestPicture {
  const gray = new Uint8Array(width * height).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [across, down] = [x / width, y / height];
      const isBar = across > 0.3 && across < 0.8 && down > 0.15 && down < 0.21;
      const isStem = down > 0.15 && down < 0.75 && Math.abs(across - (0.84 - 0.55 * down)) < 0.045;
      if (isBar || isStem) gray[y * width + x] = 20;
    }
  }
  return { width, height, gray };
}

/** A PNG of 8 gray bits; `header` bytes replace those of its IHDR, `chunks` come before the pixels. */
export function encodePng(
  picture: TestPicture,
  chunks: readonly (readonly [type: string, data: Uint8Array])[] = [],
): Buffer {
  const { width, height, gray } = picture;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(gray.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return joinPng([
    ['IHDR', pngHeader({ width, height })],
    ...chunks,
    ['IDAT', deflateSync(rows)],
    ['IEND', new Uint8Array(0)],
  ]);
}

/** Thirteen bytes of IHDR. */
export function pngHeader(size: {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colorType?: number;
}): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size.width, 0);
  header.writeUInt32BE(size.height, 4);
  header[8] = size.depth ?? 8;
  header[9] = size.colorType ?? 0;
  return header;
}

/** A PNG of any chunks, each with a right checksum. */
export function joinPng(chunks: readonly (readonly [type: string, data: Uint8Array])[]): Buffer {
  const parts = [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')];
  for (const [type, data] of chunks) {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    parts.push(frame.subarray(0, 4), body, frame.subarray(4));
  }
  return Buffer.concat(parts);
}

/** The picture for sharp, to be saved in any way that it knows. */
export function toSharp(picture: TestPicture): Sharp {
  const { width, height, gray } = picture;
  return sharp(Buffer.from(gray), { raw: { width, height, channels: 1 } });
}

/** The picture as a camera held that way has stored it. */
export async function turnedBack(picture: TestPicture, orientation: number): Promise<Sharp> {
  const turns: Readonly<Record<number, (given: Sharp) => Sharp>> = {
    2: (given) => given.flop(),
    3: (given) => given.rotate(180),
    4: (given) => given.flip(),
    5: (given) => given.rotate(270).flop(),
    6: (given) => given.rotate(270),
    7: (given) => given.rotate(90).flop(),
    8: (given) => given.rotate(90),
  };
  const turned = turns[orientation]?.(toSharp(picture)) ?? toSharp(picture);
  return sharp(await turned.png().toBuffer());
}

/** The picture as RGB bytes, three times the gray. */
export function toRgb(picture: TestPicture): Uint8Array {
  return Uint8Array.from(
    { length: picture.gray.length * 3 },
    (_, at) => picture.gray[Math.floor(at / 3)] ?? 0,
  );
}

/** What a BMP for tests is made of. */
export interface BmpParts {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly compression?: number;
  /** B, G, R, 0 for each color, or three masks and more. */
  readonly palette?: Uint8Array;
  readonly pixels: Uint8Array;
  readonly pixelOffset?: number;
}

/** A BMP with the header of 40 bytes; the height is as given, negative for top-down. */
export function joinBmp(parts: BmpParts): Buffer {
  const palette = parts.palette ?? new Uint8Array(0);
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + palette.length + parts.pixels.length, 2);
  header.writeUInt32LE(parts.pixelOffset ?? 54 + palette.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(parts.width, 18);
  header.writeInt32LE(parts.height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(parts.bits, 28);
  header.writeUInt32LE(parts.compression ?? 0, 30);
  return Buffer.concat([header, palette, parts.pixels]);
}

/** A palette of `count` even grays. */
export function grayPalette(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 4 }, (_, at) =>
    at % 4 === 3 ? 0 : Math.round((Math.floor(at / 4) * 255) / (count - 1)),
  );
}
