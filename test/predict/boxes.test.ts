import sharp from 'sharp';
import { expect, test } from 'vitest';
import { heightOf, type InkBox, widthOf } from '../../src/predict/ink-box.ts';
import { predictPictures } from '../../src/predict/predict.ts';
import { boxOf, drawPicture, drawSevenIn, drawZero } from '../support/ink.ts';
import { encodeBmp } from '../support/photo.ts';
import { toRgb, toSharp, turnedBack } from '../support/pictures.ts';

const corners = [
  [300, 400, 600, 1000],
  [1500, 420, 1900, 1010],
] as const;
const { pixels: gray, ...size } = drawPicture({ width: 2500, height: 1400 }, (canvas) => {
  drawZero(canvas, corners[0], 60);
  drawSevenIn(canvas, corners[1], 60);
});
const drawn = { ...size, gray };

/** The boxes that are found in a picture, by a network that is sure of everything. */
async function boxesIn(bytes: Uint8Array, isSingle = false): Promise<readonly InkBox[]> {
  const logits = (images: Uint8Array) =>
    Float32Array.from({ length: (10 * images.length) / 784 }, (_, at) => (at % 10 === 7 ? 9 : 0));
  const networks = () => [{ classify: logits, trust: { temperature: 1, floor: undefined } }];
  for await (const reading of predictPictures([{ name: 'a' }], {
    networks,
    readBytes: () => bytes,
    isSingle,
  })) {
    if (reading.type === 'digits') return reading.digits.map(({ box }) => box);
  }
  return [];
}

/** How far a side is off at most, in widths and heights of the box. */
function missOf(found: InkBox | undefined, box: InkBox): number {
  if (found === undefined) return Infinity;
  const across = Math.max(Math.abs(found.left - box.left), Math.abs(found.right - box.right)) / widthOf(box);
  const down = Math.max(Math.abs(found.top - box.top), Math.abs(found.bottom - box.bottom)) / heightOf(box);
  return Math.max(across, down);
}

const turned = (orientation: number) => async () =>
  (await turnedBack(drawn, orientation)).withMetadata({ orientation }).jpeg().toBuffer();

const kinds: readonly (readonly [kind: string, make: () => Promise<Uint8Array>])[] = [
  ['a large PNG', () => toSharp(drawn).png({ compressionLevel: 1 }).toBuffer()],
  ['a large BMP, which is reduced by a whole number', async () => encodeBmp(toRgb(drawn), drawn)],
  ['a JPEG of EXIF orientation 3', turned(3)],
  ['a JPEG of EXIF orientation 6', turned(6)],
  ['a JPEG of EXIF orientation 7', turned(7)],
  ['a JPEG of EXIF orientation 8', turned(8)],
];

test.each(kinds)('boxes are in pixels of the upright picture: %s', async (_kind, make) => {
  const boxes = await boxesIn(await make());
  expect(boxes).toHaveLength(2);
  const misses = corners.map((each, at) => missOf(boxes[at], boxOf(each)));
  expect(Math.max(...misses)).toBeLessThan(0.06);
});

test('boxes of a picture that is not reduced are exact', async () => {
  const small = drawPicture({ width: 200, height: 100 }, (canvas) => drawZero(canvas, [50, 20, 90, 80], 7));
  const bytes = await sharp(small.pixels, { raw: { width: 200, height: 100, channels: 1 } })
    .png()
    .toBuffer();
  expect(await boxesIn(bytes)).toEqual([{ left: 50, top: 20, right: 90, bottom: 80 }]);
});

test('with isSingle one box is around all ink', async () => {
  const boxes = await boxesIn(await toSharp(drawn).png({ compressionLevel: 1 }).toBuffer(), true);
  expect(boxes).toHaveLength(1);
  expect(missOf(boxes[0], { left: 300, top: 400, right: 1900, bottom: 1010 })).toBeLessThan(0.03);
});
